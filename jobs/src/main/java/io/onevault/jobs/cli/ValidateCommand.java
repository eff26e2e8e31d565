package io.onevault.jobs.cli;

import io.onevault.jobs.config.ConfigException;
import io.onevault.jobs.config.ConfigProblem;
import io.onevault.jobs.config.ConfigReader;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.config.reachability.Finding;
import io.onevault.jobs.config.reachability.Reachability;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks the configuration, then the servers it names, and lists every problem. */
@Command(
        name = "validate",
        description = "Check a configuration and the servers it names; list every problem at once.")
final class ValidateCommand implements Callable<Integer> {

    private final ConfigReader reader;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The configuration; see flink-conf/onevault.example.yaml.")
    private Path config = Path.of("onevault.yaml");

    ValidateCommand(ConfigReader reader) {
        this.reader = reader;
    }

    @Override
    public Integer call() throws ConfigException {
        OneVaultConfig read = reader.read(config);
        List<Finding> findings = new Reachability(config.toString()).check(read);
        List<ConfigProblem> problems =
                findings.stream().filter(Finding::fatal).map(Finding::problem).toList();
        if (spec != null) {
            PrintWriter err = spec.commandLine().getErr();
            findings.stream()
                    .filter(finding -> !finding.fatal())
                    .forEach(finding -> err.println("Warning: " + finding.problem().sentence()));
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        if (spec != null) {
            spec.commandLine()
                    .getOut()
                    .printf(
                            "%s is valid; the vault and %d target%s answer as they should.%n",
                            config, read.targets().size(), read.targets().size() == 1 ? "" : "s");
        }
        return 0;
    }
}
