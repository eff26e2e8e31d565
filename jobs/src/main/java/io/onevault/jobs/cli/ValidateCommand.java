package io.onevault.jobs.cli;

import io.onevault.jobs.config.ConfigException;
import io.onevault.jobs.config.ConfigReader;
import io.onevault.jobs.config.OneVaultConfig;
import java.nio.file.Path;
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
        if (spec != null) {
            ServerChecks.check(config, read, spec.commandLine().getErr(), problem -> false);
            spec.commandLine()
                    .getOut()
                    .printf(
                            "%s is valid; the vault and %d target%s answer as they should.%n",
                            config, read.targets().size(), read.targets().size() == 1 ? "" : "s");
        }
        return 0;
    }
}
