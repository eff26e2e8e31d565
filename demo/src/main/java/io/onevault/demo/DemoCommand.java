package io.onevault.demo;

import io.onevault.jobs.cli.BadInputException;
import io.onevault.jobs.cli.OneVaultCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code demo}. */
@Command(
        name = "demo",
        description =
                "Starts a PostgreSQL with a busy multi-tenant platform, a vault and Flink on this"
                        + " machine, shows live what is found, and leaves nothing behind.")
public final class DemoCommand implements OneVaultCommand {

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "120",
            description = "How long the workload runs; default ${DEFAULT-VALUE}, at least 10.")
    private int seconds;

    @Option(
            names = "--summary",
            paramLabel = "FILE",
            description = "Writes the counted summary as JSON to FILE.")
    private @Nullable Path summary;

    @Option(
            names = "--no-ui",
            description = "Prints plain lines instead of the live view, as without a terminal.")
    private boolean plain;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Seed of population and workload; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--then",
            paramLabel = "COMMAND",
            description =
                    "Runs COMMAND in a shell when all is counted, while the vault is still there:"
                            + " ONEVAULT_VAULT_URL, ONEVAULT_VAULT_USER and ONEVAULT_VAULT_PASSWORD"
                            + " say how to reach it, ONEVAULT_DEMO_TRUTH names a file with what is"
                            + " true of what was forecast. Its exit code is the demo's.")
    private @Nullable String then;

    @Override
    public Integer call() throws Exception {
        if (seconds < 10) {
            throw new BadInputException("--seconds must be at least 10, for windows to close");
        }
        if (summary != null) {
            Path folder = summary.toAbsolutePath().getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                throw new BadInputException(
                        "the folder of --summary " + summary + " does not exist; create it first");
            }
        }
        try (DemoRun run = new DemoRun(seed, System.out, System.console() != null && !plain)) {
            DemoSummary result = run.show(Duration.ofSeconds(seconds));
            if (summary != null) {
                result.write(summary);
            }
            return then == null ? 0 : run.then(then);
        }
    }
}
