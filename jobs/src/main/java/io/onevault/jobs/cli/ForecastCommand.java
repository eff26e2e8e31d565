package io.onevault.jobs.cli;

import io.onevault.forecasting.ForecastPoint;
import io.onevault.forecasting.ForecastResult;
import io.onevault.forecasting.csv.ForecastCsv;
import io.onevault.forecasting.csv.ForecastCsv.SeriesForecast;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Forecasts the series of a CSV file; needs no server. */
@Command(name = "forecast", description = "Forecast the series of a CSV file.")
final class ForecastCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--input",
            required = true,
            paramLabel = "CSV",
            description =
                    "Columns series_id, step or timestamp, value, and optionally capacity; rows in"
                            + " any order.")
    private Path input = Path.of("");

    @Option(
            names = "--horizon",
            required = true,
            paramLabel = "N",
            description = "How many steps ahead.")
    private int horizon;

    @Option(
            names = "--season",
            paramLabel = "M",
            description = "Length of the season in steps; looked for when not given.")
    private @Nullable Integer season;

    @Option(
            names = "--capacity",
            paramLabel = "X",
            description = "The level that is full, for series without one in the file.")
    private @Nullable Double capacity;

    @Option(
            names = "--output",
            paramLabel = "CSV",
            description = "Where the forecast goes, one row per future step.")
    private @Nullable Path output;

    @Option(
            names = "--summary",
            paramLabel = "CSV",
            description = "Where the summary goes, one row per series.")
    private @Nullable Path summary;

    @Override
    public Integer call() {
        if (horizon < 1) {
            throw new BadInputException("--horizon is " + horizon + "; give at least 1 step");
        }
        if (season != null && season < 1) {
            throw new BadInputException("--season is " + season + "; give at least 1 step");
        }
        if (capacity != null && !Double.isFinite(capacity)) {
            throw new BadInputException("--capacity is " + capacity + "; give a number");
        }
        List<SeriesForecast> forecasts =
                ForecastCsv.run(
                        input,
                        horizon,
                        season == null ? OptionalInt.empty() : OptionalInt.of(season),
                        capacity == null ? OptionalDouble.empty() : OptionalDouble.of(capacity),
                        output,
                        summary);
        if (spec != null) {
            print(forecasts, spec.commandLine().getOut());
        }
        return 0;
    }

    private void print(List<SeriesForecast> forecasts, PrintWriter out) {
        for (SeriesForecast series : forecasts) {
            ForecastResult result = series.forecast();
            ForecastPoint last = result.at(horizon);
            out.printf(
                    Locale.ROOT,
                    "%s: %s by %s; %s now, %s in %d steps (95 %%: %s to %s)%s%n",
                    series.id().replaceAll("\\p{Cntrl}", " "),
                    result.pattern(),
                    result.model(),
                    number(result.lastValue()),
                    number(last.mean()),
                    horizon,
                    number(last.lo95()),
                    number(last.hi95()),
                    full(result));
        }
    }

    private static String full(ForecastResult result) {
        return result.timeToCapacity()
                .map(
                        time ->
                                time.median().isPresent()
                                        ? "; full in " + time.median().getAsInt() + " steps"
                                        : "; not full within four horizons")
                .orElse("");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }
}
