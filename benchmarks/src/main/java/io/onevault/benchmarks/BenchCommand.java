package io.onevault.benchmarks;

import io.onevault.benchmarks.alerts.AlertsBenchmark;
import io.onevault.benchmarks.cdc.CdcBenchmark;
import io.onevault.benchmarks.cdc.CdcSettingsBenchmark;
import io.onevault.benchmarks.forecast.Figure;
import io.onevault.benchmarks.forecast.ForecastAccuracyBenchmark;
import io.onevault.benchmarks.forecast.ForecastJobBenchmark;
import io.onevault.benchmarks.forecast.ForecastSpeedBenchmark;
import io.onevault.benchmarks.locks.DeadlockRaceBenchmark;
import io.onevault.benchmarks.locks.LockGraphBenchmark;
import io.onevault.benchmarks.locks.LockLatencyBenchmark;
import io.onevault.benchmarks.locks.LockStormBenchmark;
import io.onevault.benchmarks.overhead.OverheadBenchmark;
import io.onevault.benchmarks.vault.VaultWriteBenchmark;
import io.onevault.benchmarks.windows.WindowsBenchmark;
import io.onevault.jobs.cli.BadInputException;
import io.onevault.jobs.cli.OneVaultCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code bench}. */
@Command(
        name = "bench",
        description =
                "Measures one thing beside its peers, in the same call and on the same data, in"
                        + " alternating rounds; shows medians and their ratios.")
public final class BenchCommand implements OneVaultCommand {

    private static final List<Benchmark> BENCHMARKS =
            List.of(
                    new VaultWriteBenchmark(),
                    new WindowsBenchmark(),
                    new OverheadBenchmark(),
                    new LockGraphBenchmark(),
                    new LockLatencyBenchmark(),
                    new DeadlockRaceBenchmark(),
                    new LockStormBenchmark(),
                    new CdcBenchmark(),
                    new CdcSettingsBenchmark(),
                    new AlertsBenchmark(),
                    benchmark(
                            "forecast",
                            "series/s/core forecast, beside a bare OLS fit",
                            options -> results(ForecastSpeedBenchmark.run())),
                    new ForecastJobBenchmark(),
                    benchmark(
                            "forecast-accuracy",
                            "quality beside naive, drift, OLS, Theta; see --data",
                            options -> results(ForecastAccuracyBenchmark.run(folder(options)))));

    @Parameters(paramLabel = "NAME", description = "Which benchmark; the names are below.")
    private String name = "";

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Writes the figures as JSON to FILE too.")
    private @Nullable Path json;

    @Option(
            names = "--quick",
            description = "Only shows that it works: little data, one round, no meaning.")
    private boolean quick;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "../shared/data/forecasting",
            description = "Series for forecast-accuracy; default ${DEFAULT-VALUE}.")
    private Path data = Path.of(".");

    /** Every benchmark there is. */
    static List<Benchmark> benchmarks() {
        return BENCHMARKS;
    }

    /** picocli hands over what it knows of this command; the names go below the options. */
    @Spec
    void describe(CommandSpec spec) {
        spec.usageMessage().footer(("%nBenchmarks:%n" + names()).split("\n", -1));
    }

    @Override
    public Integer call() throws Exception {
        Benchmark chosen =
                BENCHMARKS.stream()
                        .filter(b -> b.name().equals(name))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new BadInputException(
                                                "there is no benchmark "
                                                        + name
                                                        + "; choose one of "
                                                        + BENCHMARKS.stream()
                                                                .map(Benchmark::name)
                                                                .collect(
                                                                        Collectors.joining(", "))));
        if (json != null) {
            Path folder = json.toAbsolutePath().getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                throw new BadInputException(
                        "the folder of --json " + json + " does not exist; create it first");
            }
        }
        List<Result> results = chosen.run(new RunOptions(quick, data, System.err::println));
        Report report =
                new Report(
                        name,
                        Instant.now().truncatedTo(ChronoUnit.SECONDS),
                        Report.thisMachine(),
                        results);
        report.print(System.out);
        if (json != null) {
            report.write(json);
        }
        return 0;
    }

    private static String names() {
        return BENCHMARKS.stream()
                .map(b -> String.format("  %-18s %s", b.name(), b.description()).replace("%", "%%"))
                .collect(Collectors.joining("\n"));
    }

    private static Path folder(RunOptions options) {
        if (!Files.isDirectory(options.data())) {
            throw new BadInputException(
                    "the folder --data "
                            + options.data()
                            + " does not exist; name the one with"
                            + " growth_daily.csv and its like");
        }
        return options.data();
    }

    private static List<Result> results(List<Figure> figures) {
        return figures.stream()
                .map(
                        f ->
                                new Result(
                                        f.name(),
                                        f.value(),
                                        f.unit(),
                                        f.peer(),
                                        f.peerValue(),
                                        f.ratio()))
                .toList();
    }

    private interface Run {
        List<Result> run(RunOptions options) throws Exception;
    }

    private static Benchmark benchmark(String name, String description, Run run) {
        return new Benchmark() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String description() {
                return description;
            }

            @Override
            public List<Result> run(RunOptions options) throws Exception {
                return run.run(options);
            }
        };
    }
}
