package io.onevault.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.benchmarks.overhead.OverheadBenchmark;
import io.onevault.jobs.cli.BadInputException;
import io.onevault.jobs.cli.OneVaultCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Each benchmark of whole pipelines still runs; nothing here judges a speed. */
class BenchCommandIT {

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vault-write",
                "windows",
                "overhead",
                "lock-graph",
                "cdc",
                "alerts",
                "forecast-job"
            })
    void benchmarksGiveFiniteFiguresWithTheirPeers(String name) throws Exception {
        assumeTrue(!name.equals("overhead") || hasPgbench(), "pgbench is not installed");
        Path json = folder.resolve("figures.json");

        assertThat(commandLine().execute(name, "--quick", "--json", json.toString())).isZero();

        JsonNode report = new ObjectMapper().readTree(json.toFile());
        assertThat(report.fieldNames())
                .toIterable()
                .containsExactly("name", "date", "machine", "results");
        assertThat(report.get("name").asText()).isEqualTo(name);
        assertThat(report.get("results")).isNotEmpty();
        for (JsonNode result : report.get("results")) {
            assertThat(result.fieldNames())
                    .toIterable()
                    .containsExactly("name", "value", "unit", "peer", "peer_value", "ratio");
            assertThat(result.get("value").isNumber()).as("value of %s", result).isTrue();
            assertThat(result.get("peer_value").isNumber()).as("peer of %s", result).isTrue();
            assertThat(result.get("ratio").isNumber()).as("ratio of %s", result).isTrue();
        }
    }

    @Test
    void unknownNameIsAnsweredWithTheNames() {
        BenchCommand command = new BenchCommand();
        new CommandLine(command).parseArgs("speed");

        assertThatThrownBy(command::call)
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("speed")
                .hasMessageContaining("vault-write")
                .hasMessageContaining("forecast-accuracy");
    }

    @Test
    void folderThatIsNotThereIsNamedBeforeAnythingRuns() {
        BenchCommand command = new BenchCommand();
        Path file = folder.resolve("absent").resolve("figures.json");
        new CommandLine(command).parseArgs("vault-write", "--json", file.toString());

        assertThatThrownBy(command::call)
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(file.toString());
        assertThat(Files.exists(file)).isFalse();
    }

    @Test
    void helpListsEveryBenchmark() {
        // However wide the terminal is.
        String help = commandLine().getUsageMessage().replaceAll("\\s+", " ");

        for (Benchmark benchmark : BenchCommand.benchmarks()) {
            assertThat(help).contains(benchmark.name()).contains(benchmark.description());
        }
    }

    @Test
    void commandIsFoundByTheCommandLine() {
        assertThat(ServiceLoader.load(OneVaultCommand.class))
                .hasAtLeastOneElementOfType(BenchCommand.class);
    }

    private static CommandLine commandLine() {
        return new CommandLine(new BenchCommand());
    }

    private static boolean hasPgbench() throws Exception {
        return OverheadBenchmark.isPossible();
    }
}
