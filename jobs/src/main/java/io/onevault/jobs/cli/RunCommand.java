package io.onevault.jobs.cli;

import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.config.ConfigReader;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.local.WorkFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Runs all jobs in this process until it is interrupted; open windows are written then.
 *
 * <p>Refuses a vault that cannot be written to. A target that does not answer is named and polled
 * as soon as it does, as in a running job; so are changes that cannot be read yet.
 */
@Command(
        name = "run",
        description = "Run all jobs in this process against real servers, until interrupted.")
final class RunCommand implements Callable<Integer> {

    private static final long DRAIN_SECONDS = 30;

    private final ConfigReader reader;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The configuration; see flink-conf/onevault.example.yaml.")
    private Path config = Path.of("onevault.yaml");

    RunCommand(ConfigReader reader) {
        this.reader = reader;
    }

    @Override
    public Integer call() throws Exception {
        if (spec == null) {
            throw new IllegalStateException("the command line did not set up this command");
        }
        PrintWriter out = spec.commandLine().getOut();
        OneVaultConfig read = reader.read(config);
        ServerChecks.check(
                config,
                read,
                spec.commandLine().getErr(),
                problem ->
                        problem.key().startsWith("targets")
                                || problem.key().startsWith("vault.rules"));
        CountDownLatch cleaned = new CountDownLatch(1);
        try (WorkFolder folder = WorkFolder.create("run-");
                LocalFlink flink = LocalFlink.start(folder.path())) {
            StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
            OneVaultJob.compose(env, read);
            JobID job = flink.submit(env);
            Thread interrupted = new Thread(() -> stop(flink, job, cleaned), "onevault-stop");
            Runtime.getRuntime().addShutdownHook(interrupted);
            out.printf(
                    "Job %s watches %d target%s; Flink answers at %s. Interrupt to stop.%n",
                    read.job().name(),
                    read.targets().size(),
                    read.targets().size() == 1 ? "" : "s",
                    flink.webAddress());
            out.flush();
            JobStatus end = flink.awaitEnd(job);
            out.printf("The job ended: %s.%n", end);
            return end == JobStatus.FAILED ? 1 : 0;
        } finally {
            cleaned.countDown();
        }
    }

    /** Ends the job in order, and keeps the process until its files are gone. */
    private static void stop(LocalFlink flink, JobID job, CountDownLatch cleaned) {
        try {
            if (!flink.status(job).isGloballyTerminalState()) {
                flink.drain(job, DRAIN_SECONDS);
            }
            cleaned.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException clusterClosed) {
            // The job ended by itself a moment ago, and the process is about to say so.
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.err.println(
                    "The job did not end in order within "
                            + DRAIN_SECONDS
                            + " s; rows that still waited for the vault are lost.");
        }
    }
}
