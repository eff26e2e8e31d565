package io.onevault.forecasting.csv;

import io.onevault.forecasting.series.TimeSeries;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Reads {@code series_id,step,value} or {@code series_id,timestamp,value}, optionally with {@code
 * capacity}; columns and rows in any order, further columns ignored. Timestamps are ISO-8601,
 * without an offset they are UTC; a series' step is the median distance between them, and its
 * oldest one counts as step 1.
 *
 * <p>Errors: {@link CsvInputException} naming every bad line at once (the first with its reason).
 */
public final class CsvSeriesReader {

    private static final int MOST_LINES_NAMED = 5;
    private static final long LARGEST_STEP = 1_000_000_000_000_000L;
    private static final long DAY_MILLIS = 86_400_000L;

    private CsvSeriesReader() {}

    /** The series of a file in order of first appearance. */
    public static List<CsvSeries> read(Path input) {
        try (BufferedReader reader = Files.newBufferedReader(input)) {
            return read(reader);
        } catch (NoSuchFileException e) {
            throw new CsvInputException("The input file " + input + " does not exist.", e);
        } catch (MalformedInputException e) {
            throw new CsvInputException("The input file " + input + " is not UTF-8 text.", e);
        } catch (IOException e) {
            throw new CsvInputException(
                    "The input file " + input + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    private static List<CsvSeries> read(BufferedReader reader) throws IOException {
        String header = reader.readLine();
        if (header == null) {
            throw new CsvInputException(
                    "The input is empty; expected the header series_id,step,value.");
        }
        Columns columns = Columns.of(header);
        Map<String, Rows> series = new LinkedHashMap<>();
        List<Integer> badLines = new ArrayList<>();
        String firstReason = "";
        int number = 1;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            String reason = accept(line, columns, series);
            if (!reason.isEmpty()) {
                firstReason = badLines.isEmpty() ? reason : firstReason;
                badLines.add(number);
            }
        }
        if (!badLines.isEmpty()) {
            throw new CsvInputException(message(badLines, firstReason));
        }
        if (series.isEmpty()) {
            throw new CsvInputException("The input has a header but no rows.");
        }
        List<CsvSeries> result = new ArrayList<>();
        series.forEach((id, rows) -> result.add(rows.toSeries(id, columns.timestamps())));
        return result;
    }

    private static String message(List<Integer> lines, String reason) {
        String first = "Line " + lines.get(0) + " " + reason;
        if (lines.size() == 1) {
            return first + ".";
        }
        StringBuilder more = new StringBuilder();
        for (int line : lines.subList(1, Math.min(lines.size(), 1 + MOST_LINES_NAMED))) {
            more.append(more.length() == 0 ? "" : ", ").append(line);
        }
        return first
                + "; bad as well: "
                + (lines.size() == 2 ? "line " : "lines ")
                + more
                + (lines.size() > 1 + MOST_LINES_NAMED ? " and others" : "")
                + ".";
    }

    /** Adds a row and returns an empty string, or says what is wrong with it. */
    private static String accept(String line, Columns columns, Map<String, Rows> series) {
        List<String> cells = cells(line);
        if (cells.size() < columns.count()) {
            return "has " + cells.size() + " columns instead of " + columns.count();
        }
        String id = cells.get(columns.id());
        if (id.isEmpty()) {
            return "has no series_id";
        }
        long position;
        String time = cells.get(columns.time());
        try {
            position = columns.timestamps() ? instant(time).toEpochMilli() : Long.parseLong(time);
        } catch (NumberFormatException e) {
            return "has the step '" + time + "', which is not a whole number";
        } catch (DateTimeException | ArithmeticException e) {
            return "has the timestamp '" + time + "', which is not ISO-8601";
        }
        if (!columns.timestamps() && Math.abs(position) > LARGEST_STEP) {
            return "has the step '" + time + "', which is out of range";
        }
        double value = number(cells.get(columns.value()));
        if (!Double.isFinite(value)) {
            return "has the value '" + cells.get(columns.value()) + "', which is not a number";
        }
        double capacity = Double.NaN;
        if (columns.capacity() >= 0 && !cells.get(columns.capacity()).isEmpty()) {
            String cell = cells.get(columns.capacity());
            capacity = number(cell);
            if (!Double.isFinite(capacity)) {
                return "has the capacity '" + cell + "', which is not a number";
            }
        }
        series.computeIfAbsent(id, key -> new Rows()).add(position, value, capacity);
        return "";
    }

    private static double number(String cell) {
        try {
            return Double.parseDouble(cell);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static Instant instant(String text) {
        if (text.length() <= 10) {
            return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
        }
        String iso = text.replace(' ', 'T');
        boolean offset =
                iso.endsWith("Z") || iso.lastIndexOf('+') > 10 || iso.lastIndexOf('-') > 10;
        return offset
                ? OffsetDateTime.parse(iso).toInstant()
                : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
    }

    /** Cells of a line; quotes as in RFC 4180. */
    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                boolean doubled = quoted && i + 1 < line.length() && line.charAt(i + 1) == '"';
                if (doubled) {
                    cell.append('"');
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == ',' && !quoted) {
                cells.add(cell.toString().strip());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString().strip());
        return cells;
    }

    /** Where the columns are; capacity is -1 without one. */
    private record Columns(
            int id, int time, int value, int capacity, boolean timestamps, int count) {

        static Columns of(String header) {
            String text = header.startsWith("\uFEFF") ? header.substring(1) : header;
            List<String> names =
                    cells(text).stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
            int id = names.indexOf("series_id");
            int step = names.indexOf("step");
            int timestamp = names.indexOf("timestamp");
            int value = names.indexOf("value");
            if (id < 0 || value < 0 || (step < 0 && timestamp < 0)) {
                throw new CsvInputException(
                        "Line 1 must name the columns series_id, step or timestamp, and value,"
                                + " but reads '"
                                + text
                                + "'.");
            }
            return new Columns(
                    id,
                    step >= 0 ? step : timestamp,
                    value,
                    names.indexOf("capacity"),
                    step < 0,
                    names.size());
        }
    }

    /** Rows of one series as they come. */
    private static final class Rows {

        private final List<double[]> values = new ArrayList<>();
        private final List<Long> positions = new ArrayList<>();

        void add(long position, double value, double capacity) {
            positions.add(position);
            values.add(new double[] {value, capacity});
        }

        CsvSeries toSeries(String id, boolean timestamps) {
            long[] at = positions.stream().mapToLong(Long::longValue).toArray();
            double[] value = values.stream().mapToDouble(v -> v[0]).toArray();
            OptionalDouble capacity = newestCapacity(at);
            long[] steps = timestamps ? steps(at) : at;
            return new CsvSeries(id, TimeSeries.ofSteps(steps, value), capacity);
        }

        /** A capacity that changed counts as it is now. */
        private OptionalDouble newestCapacity(long[] at) {
            long newest = Long.MIN_VALUE;
            double capacity = Double.NaN;
            for (int i = 0; i < at.length; i++) {
                double given = values.get(i)[1];
                if (!Double.isNaN(given) && at[i] >= newest) {
                    newest = at[i];
                    capacity = given;
                }
            }
            return Double.isNaN(capacity) ? OptionalDouble.empty() : OptionalDouble.of(capacity);
        }

        private static long[] steps(long[] millis) {
            long[] sorted = Arrays.stream(millis).sorted().distinct().toArray();
            long[] gaps = new long[sorted.length - 1];
            for (int i = 0; i < gaps.length; i++) {
                gaps[i] = sorted[i + 1] - sorted[i];
            }
            Arrays.sort(gaps);
            double width = gaps.length == 0 ? DAY_MILLIS : gaps[gaps.length / 2];
            long[] steps = new long[millis.length];
            for (int i = 0; i < steps.length; i++) {
                steps[i] = 1 + Math.round((millis[i] - sorted[0]) / width);
            }
            return steps;
        }
    }
}
