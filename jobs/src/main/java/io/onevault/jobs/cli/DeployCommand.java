package io.onevault.jobs.cli;

import io.onevault.connectors.probe.ChangeCaptureDeployer;
import io.onevault.connectors.probe.Server;
import io.onevault.connectors.probe.ServerFinding;
import io.onevault.jobs.config.ConfigException;
import io.onevault.jobs.config.ConfigProblem;
import io.onevault.jobs.config.ConfigReader;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.config.OneVaultConfig.Changes;
import io.onevault.jobs.config.OneVaultConfig.Target;
import io.onevault.jobs.config.OneVaultConfig.Vault;
import io.onevault.sql.DeployReport;
import io.onevault.sql.VaultDeployer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Creates or migrates the vault, makes publications and replication slots where changes are read,
 * and prints what was done.
 */
@Command(
        name = "deploy",
        description = {
            "Create the vault, or bring it to this release's version.",
            "Make publications and replication slots for the changes that are read."
        })
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
        OneVaultConfig read = reader.read(config);
        Vault vault = read.vault();
        DeployReport report =
                new VaultDeployer(vault.url(), vault.adminUser(), vault.adminPassword()::reveal)
                        .withProfile(read.alerts().profile())
                        .withChannels(ChannelEntries.of(read.alerts().routing()))
                        .deploy();
        if (spec == null) {
            throw new IllegalStateException("the command line did not set up this command");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        report.warnings().forEach(warning -> err.println("Warning: " + warning + "."));
        print(report, out);
        out.flush();
        List<ConfigProblem> problems = new ArrayList<>();
        if (vault.rules() != null) {
            capture("vault.rules", vault.url(), vault.rules(), out, problems);
        }
        for (int i = 0; i < read.targets().size(); i++) {
            Target target = read.targets().get(i);
            if (target.changes() != null) {
                capture(
                        "targets[" + i + "].changes",
                        target.url(),
                        target.changes(),
                        out,
                        problems);
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return 0;
    }

    /** One server that cannot serve does not keep the others from being prepared. */
    private void capture(
            String key,
            String url,
            Changes changes,
            PrintWriter out,
            List<ConfigProblem> problems) {
        Server server = new Server(url, changes.adminUser(), changes.adminPassword());
        ChangeCaptureDeployer.Outcome outcome =
                ChangeCaptureDeployer.deploy(server, changes.capture());
        for (ServerFinding finding : outcome.findings()) {
            problems.add(
                    new ConfigProblem(
                            config.toString(),
                            0,
                            key + '.' + finding.setting(),
                            finding.value(),
                            finding.what(),
                            finding.remedy()));
        }
        if (outcome.findings().isEmpty()) {
            int tables = changes.capture().tables().size();
            out.printf(
                    "Changes of %d table%s of %s are kept for slot %s%s.%n",
                    tables,
                    tables == 1 ? "" : "s",
                    server.address(),
                    changes.capture().slot(),
                    outcome.slotCreated() ? ", which is new" : "");
            out.flush();
        }
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
