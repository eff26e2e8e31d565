package io.onevault.forecasting.csv;

import io.onevault.forecasting.ForecastOptions;
import io.onevault.forecasting.ForecastPoint;
import io.onevault.forecasting.ForecastResult;
import io.onevault.forecasting.Forecaster;
import io.onevault.forecasting.capacity.TimeToCapacity;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Forecasts every series of a CSV file; the whole of the command {@code forecast} behind its flags.
 *
 * <p>The step of an output row continues the input's numbering: the first row after step 730 is
 * step 731.
 */
public final class ForecastCsv {

    public static final String FORECAST_HEADER = "series_id,step,model,mean,lo80,hi80,lo95,hi95";
    public static final String SUMMARY_HEADER =
            "series_id,model,pattern,growth_rate_percentage,confidence_level,time_to_capacity,"
                + "time_to_capacity_lo,time_to_capacity_hi,data_quality,backtest_smape,backtest_mase";

    private ForecastCsv() {}

    /** One series and its forecast. */
    public record SeriesForecast(String id, ForecastResult forecast) {}

    /**
     * Reads, forecasts and writes.
     *
     * @param season season length in steps, looked for if empty
     * @param capacity for series without a capacity of their own
     * @param output file for one row a future step, null to write none
     * @param summary file for one row a series, null to write none
     * @return the forecasts in the order of the input
     * @throws CsvInputException when the input or an option cannot be used; one sentence
     */
    public static List<SeriesForecast> run(
            Path input,
            int horizon,
            OptionalInt season,
            OptionalDouble capacity,
            @Nullable Path output,
            @Nullable Path summary) {
        ForecastOptions options = options(horizon, season);
        List<SeriesForecast> forecasts = new ArrayList<>();
        Forecaster forecaster = new Forecaster();
        for (CsvSeries series : CsvSeriesReader.read(input)) {
            OptionalDouble full = series.capacity().isPresent() ? series.capacity() : capacity;
            ForecastOptions own =
                    full.isPresent() ? options.withCapacity(full.getAsDouble()) : options;
            forecasts.add(
                    new SeriesForecast(series.id(), forecaster.forecast(series.series(), own)));
        }
        if (output != null) {
            write(output, out -> writeForecasts(forecasts, out));
        }
        if (summary != null) {
            write(summary, out -> writeSummary(forecasts, out));
        }
        return forecasts;
    }

    private static ForecastOptions options(int horizon, OptionalInt season) {
        try {
            return ForecastOptions.ofHorizon(horizon).withSeason(season.orElse(0));
        } catch (IllegalArgumentException e) {
            throw new CsvInputException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Writes the forecast rows, header first. */
    public static void writeForecasts(List<SeriesForecast> forecasts, Appendable out)
            throws IOException {
        out.append(FORECAST_HEADER).append('\n');
        for (SeriesForecast series : forecasts) {
            ForecastResult result = series.forecast();
            for (ForecastPoint point : result.points()) {
                out.append(quoted(series.id()))
                        .append(',')
                        .append(Long.toString(result.lastStep() + point.step()))
                        .append(',')
                        .append(result.model().name());
                for (double value :
                        new double[] {
                            point.mean(), point.lo80(), point.hi80(), point.lo95(), point.hi95()
                        }) {
                    out.append(',').append(number(value));
                }
                out.append('\n');
            }
        }
    }

    /** Writes the summary rows, header first. */
    public static void writeSummary(List<SeriesForecast> forecasts, Appendable out)
            throws IOException {
        out.append(SUMMARY_HEADER).append('\n');
        for (SeriesForecast series : forecasts) {
            ForecastResult result = series.forecast();
            Optional<TimeToCapacity> time = result.timeToCapacity();
            out.append(quoted(series.id()))
                    .append(',')
                    .append(result.model().name())
                    .append(',')
                    .append(result.pattern().name())
                    .append(',')
                    .append(number(result.growthRatePercentage()))
                    .append(',')
                    .append(number(result.confidenceLevel()))
                    .append(',')
                    .append(steps(time.map(TimeToCapacity::median)))
                    .append(',')
                    .append(steps(time.map(TimeToCapacity::earliest)))
                    .append(',')
                    .append(steps(time.map(TimeToCapacity::latest)))
                    .append(',')
                    .append(number(result.dataQuality().score()))
                    .append(',')
                    .append(number(result.accuracy().smape()))
                    .append(',')
                    .append(number(result.accuracy().mase()))
                    .append('\n');
        }
    }

    private static String steps(Optional<OptionalInt> steps) {
        OptionalInt value = steps.orElse(OptionalInt.empty());
        return value.isPresent() ? Integer.toString(value.getAsInt()) : "";
    }

    private static String number(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "";
    }

    private static String quoted(String id) {
        boolean plain = id.indexOf(',') < 0 && id.indexOf('"') < 0;
        return plain ? id : '"' + id.replace("\"", "\"\"") + '"';
    }

    private interface Writing {
        void to(Appendable out) throws IOException;
    }

    private static void write(Path file, Writing writing) {
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            writing.to(writer);
        } catch (IOException e) {
            throw new CsvInputException("The file " + file + " cannot be written.", e);
        }
    }
}
