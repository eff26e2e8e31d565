package io.onevault.jobs.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One JVM of a cluster; what it prints goes to a file. */
final class ClusterProcess {

    private static final Duration END_LIMIT = Duration.ofSeconds(20);

    private final String name;
    private final Path output;
    private final Process process;

    private ClusterProcess(String name, Path output, Process process) {
        this.name = name;
        this.output = output;
        this.process = process;
    }

    /**
     * Starts {@code mainClass}.
     *
     * @param name of the process in logs, unique in a cluster
     * @param jvm options of the JVM, class path included
     * @param logs folder of {@code <name>.out}, which takes what it prints
     */
    static ClusterProcess start(
            String name,
            List<String> jvm,
            String mainClass,
            List<String> arguments,
            Map<String, String> environment,
            Path logs) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.add(mainClass);
        command.addAll(arguments);
        Path output = logs.resolve(name + ".out");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        try {
            return new ClusterProcess(name, output, builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(name + " did not start", e);
        }
    }

    String name() {
        return name;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends the process with SIGKILL and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        awaitEnd(END_LIMIT);
    }

    /** Waits for the end of the process and returns its exit code. */
    int awaitEnd(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(name + " did not end within " + limit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + name, e);
        }
        return process.exitValue();
    }

    /** What it has printed so far. */
    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
