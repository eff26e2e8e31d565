package io.onevault.benchmarks.overhead;

import io.onevault.jobs.cli.OneVault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code ./onevault run} in a process of its own, which can be held still and let go on with all it
 * has: its connections, its state and its compiled code. What it owes for the time it stood still,
 * such as polls, it does as soon as it goes on.
 */
final class WatchingProcess implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final Thread orphaned;

    private WatchingProcess(Process process) {
        this.process = process;
        this.orphaned = new Thread(process::destroyForcibly, "onevault-orphaned");
        Runtime.getRuntime().addShutdownHook(orphaned);
    }

    /** Starts it with the options of this virtual machine; returns when the job was submitted. */
    static WatchingProcess start(Path config) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (option.startsWith("--add-opens")
                    || option.startsWith("-D")
                    || option.startsWith("-XX:")) {
                command.add(option);
            }
        }
        command.addAll(
                List.of(
                        "-cp",
                        ManagementFactory.getRuntimeMXBean().getClassPath(),
                        OneVault.class.getName(),
                        "run",
                        "--config",
                        config.toString()));
        WatchingProcess watching =
                new WatchingProcess(
                        new ProcessBuilder(command)
                                .redirectError(ProcessBuilder.Redirect.INHERIT)
                                .start());
        BufferedReader output = watching.process.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        if (line == null || !line.startsWith("Job ")) {
            watching.close();
            throw new IllegalStateException("onevault run did not start: " + line);
        }
        return watching;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** The processor time it has used. */
    Duration used() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Stands still. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Goes on. */
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
        if (kill.waitFor() != 0) {
            throw new IllegalStateException("onevault run has ended by itself");
        }
    }

    /** Ends it; in order, unless that takes too long. */
    @Override
    public void close() {
        try {
            if (process.isAlive()) {
                resume();
            }
            process.destroy();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            process.destroyForcibly();
            throw new UncheckedIOException(e);
        } finally {
            Runtime.getRuntime().removeShutdownHook(orphaned);
        }
    }
}
