package io.onevault.jobs.cli;

import io.onevault.jobs.config.ConfigException;
import io.onevault.jobs.config.ConfigReader;
import io.onevault.jobs.config.OneVaultConfig.Vault;
import io.onevault.sql.DeployReport;
import io.onevault.sql.VaultDeployer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Creates or migrates the vault and prints what was done. */
@Command(name = "deploy", description = "Create the vault, or bring it to this release's version.")
final class DeployCommand implements Callable<Integer> {

    private final ConfigReader reader;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The configuration; see flink-conf/onevault.example.yaml.")
    private Path config = Path.of("onevault.yaml");

    DeployCommand(ConfigReader reader) {
        this.reader = reader;
    }

    @Override
    public Integer call() throws ConfigException {
        Vault vault = reader.read(config).vault();
        DeployReport report =
                new VaultDeployer(vault.url(), vault.adminUser(), vault.adminPassword()::reveal)
                        .deploy();
        if (spec != null) {
            PrintWriter err = spec.commandLine().getErr();
            report.warnings().forEach(warning -> err.println("Warning: " + warning + "."));
            print(report, spec.commandLine().getOut());
        }
        return 0;
    }

    private static void print(DeployReport report, PrintWriter out) {
        for (DeployReport.Migration migration : report.migrations()) {
            out.printf(
                    "%-10s %s (%d ms)%n",
                    migration.version().isEmpty() ? "repeatable" : "V" + migration.version(),
                    migration.description(),
                    migration.millis());
        }
        if (report.partitionsCreated() > 0) {
            out.printf("%d monthly partitions created.%n", report.partitionsCreated());
        }
        if (report.partitionsDropped() > 0) {
            out.printf(
                    "%d monthly partitions past their retention dropped.%n",
                    report.partitionsDropped());
        }
        out.printf(
                "The vault in database %s (PostgreSQL %s) %s%n",
                report.database(), report.serverVersion(), summary(report));
    }

    private static String summary(DeployReport report) {
        if (report.migrations().isEmpty()) {
            return "was at version " + report.toVersion() + " already.";
        }
        return report.fromVersion().isEmpty()
                ? "is new, at version " + report.toVersion() + "."
                : "went from version %s to %s.".formatted(report.fromVersion(), report.toVersion());
    }
}
