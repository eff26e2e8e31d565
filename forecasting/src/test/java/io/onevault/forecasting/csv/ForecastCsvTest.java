package io.onevault.forecasting.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.forecasting.csv.ForecastCsv.SeriesForecast;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForecastCsvTest {

    @TempDir Path folder;

    @Test
    void writesOneRowAFutureStepAndOneSummaryRowASeries() throws IOException {
        Path input = file("series_id,step,value\n" + line("b", 60) + line("a", 40));
        Path output = folder.resolve("out.csv");
        Path summary = folder.resolve("summary.csv");

        ForecastCsv.run(input, 5, OptionalInt.empty(), OptionalDouble.of(70), output, summary);

        List<String> rows = Files.readAllLines(output);
        assertThat(rows).hasSize(11);
        assertThat(rows.get(0)).isEqualTo("series_id,step,model,mean,lo80,hi80,lo95,hi95");
        assertThat(rows.get(1)).startsWith("b,61,LINEAR,61.");
        assertThat(rows.get(6)).startsWith("a,41,LINEAR,41.");
        List<String> summaries = Files.readAllLines(summary);
        assertThat(summaries.get(0))
                .isEqualTo(
                        "series_id,model,pattern,growth_rate_percentage,confidence_level,"
                                + "time_to_capacity,time_to_capacity_lo,time_to_capacity_hi,"
                                + "data_quality,backtest_smape,backtest_mase");
        assertThat(summaries).hasSize(3);
        assertThat(summaries.get(1)).startsWith("b,LINEAR,LINEAR,50.0").contains(",10,10,11,");
        assertThat(summaries.get(2).split(",", -1)).hasSize(11);
        assertThat(summaries.get(2)).contains(",,,,");
    }

    @Test
    void acceptsRowsInAnyOrderMissingStepsAndFurtherColumns() throws IOException {
        StringBuilder text = new StringBuilder("value,note,series_id,step\n");
        for (int i = 50; i > 0; i--) {
            if (i % 7 != 0) {
                text.append(2 * i).append(",x,\"s,1\",").append(i).append('\n');
            }
        }

        SeriesForecast only = run(file(text.toString())).get(0);

        assertThat(only.id()).isEqualTo("s,1");
        assertThat(only.forecast().lastStep()).isEqualTo(50);
        assertThat(only.forecast().dataQuality().missing()).isEqualTo(7);
        assertThat(only.forecast().at(3).mean())
                .isCloseTo(106, org.assertj.core.data.Offset.offset(1e-6));
    }

    @Test
    void readsTimestampsWithTheirOwnStep() throws IOException {
        StringBuilder text = new StringBuilder("series_id,timestamp,value\n");
        for (int day = 1; day <= 28; day++) {
            text.append(String.format("s,2026-02-%02dT06:00:00Z,%d%n", day, 10 * day));
        }

        SeriesForecast only = run(file(text.toString())).get(0);

        assertThat(only.forecast().lastStep()).isEqualTo(28);
        assertThat(only.forecast().at(2).mean())
                .isCloseTo(300, org.assertj.core.data.Offset.offset(1e-6));
    }

    @Test
    void prefersASeriesOwnCapacity() throws IOException {
        StringBuilder text = new StringBuilder("series_id,step,value,capacity\n");
        for (int i = 1; i <= 60; i++) {
            text.append("own,").append(i).append(',').append(i).append(",65\n");
            text.append("given,").append(i).append(',').append(i).append(",\n");
        }
        List<SeriesForecast> forecasts =
                ForecastCsv.run(
                        file(text.toString()),
                        10,
                        OptionalInt.empty(),
                        OptionalDouble.of(80),
                        null,
                        null);

        assertThat(forecasts.get(0).forecast().timeToCapacity().orElseThrow().median()).hasValue(5);
        assertThat(forecasts.get(1).forecast().timeToCapacity().orElseThrow().median())
                .hasValue(20);
    }

    @Test
    void namesABadRowByItsLine() throws IOException {
        Path input = file("series_id,step,value\na,1,2\na,2,lots\na,3,4\n");

        assertRefused(() -> run(input), "Line 3 has the value 'lots', which is not a number.");
    }

    @Test
    void namesAllBadRowsAtOnce() throws IOException {
        Path input = file("series_id,step,value\na,one,2\na,2\n\n,3,4\na,4,NaN\n");

        assertRefused(
                () -> run(input),
                "Line 2 has the step 'one', which is not a whole number; bad as well: lines 3, 5,"
                        + " 6.");
    }

    @Test
    void namesAStepOutOfRange() throws IOException {
        Path input = file("series_id,step,value\na,9223372036854775807,2\n");

        assertRefused(
                () -> run(input),
                "Line 2 has the step '9223372036854775807', which is out of range.");
    }

    @Test
    void namesABadTimestamp() throws IOException {
        Path input = file("series_id,timestamp,value\na,2026-02-30,2\n");

        assertRefused(
                () -> run(input), "Line 2 has the timestamp '2026-02-30', which is not ISO-8601.");
    }

    @Test
    void namesABadCapacity() throws IOException {
        Path input = file("series_id,step,value,capacity\na,1,2,big\n");

        assertRefused(() -> run(input), "Line 2 has the capacity 'big', which is not a number.");
    }

    @Test
    void refusesAFileWithoutHeaderRowsOrExistence() throws IOException {
        assertRefused(
                () -> run(folder.resolve("none.csv")),
                "The input file " + folder.resolve("none.csv") + " does not exist.");
        Path empty = file("");
        assertRefused(
                () -> run(empty), "The input is empty; expected the header series_id,step,value.");
        Path headerOnly = file("series_id,step,value\n");
        assertRefused(() -> run(headerOnly), "The input has a header but no rows.");
        Path wrong = file("name,day,amount\n");
        assertRefused(
                () -> run(wrong),
                "Line 1 must name the columns series_id, step or timestamp, and value, but reads"
                        + " 'name,day,amount'.");
    }

    @Test
    void refusesABadHorizonInOneSentence() throws IOException {
        Path input = file("series_id,step,value\na,1,2\n");

        assertRefused(
                () ->
                        ForecastCsv.run(
                                input, 0, OptionalInt.empty(), OptionalDouble.empty(), null, null),
                "The horizon must be between 1 and 10000 steps, not 0.");
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(CsvInputException.class).hasMessage(message);
    }

    private static List<SeriesForecast> run(Path input) {
        return ForecastCsv.run(input, 10, OptionalInt.empty(), OptionalDouble.empty(), null, null);
    }

    private static String line(String id, int n) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= n; i++) {
            text.append(id).append(',').append(i).append(',').append(i).append('\n');
        }
        return text.toString();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "in", ".csv"), text);
    }
}
