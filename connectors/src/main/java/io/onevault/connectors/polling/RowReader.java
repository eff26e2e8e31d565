package io.onevault.connectors.polling;

import io.onevault.connectors.model.Fact;
import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricKind;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the rows of a poll, shaped as {@link PollCatalogue} documents, into samples and facts.
 *
 * <p>Text from the server is data: it is cut to a length and never interpreted.
 */
final class RowReader {

    private static final String MEASURED_AT = "measured_at";
    private static final String TENANT = "tenant";
    private static final String EPOCH = "counter_epoch";
    private static final String KEY = "key";
    private static final String LABEL = "label_";
    private static final String PER = "__per";
    private static final String DELTA_KEY = "delta_key";
    private static final String DELTA_CALLS = "delta_calls";
    private static final String DELTA_TIME = "delta_time_ms";
    private static final int MAX_LABEL = 200;
    private static final int MAX_ATTRIBUTE = 8_000;

    private final String target;
    private final Poll poll;
    private final String file;
    private final List<Sample> samples = new ArrayList<>();
    private final List<Fact> facts = new ArrayList<>();
    private final SlowStatements slowStatements;
    private long measuredAt;

    RowReader(String target, Poll poll, Poll.Variant variant, SlowStatements slowStatements) {
        this.target = target;
        this.poll = poll;
        this.file = variant.file();
        this.slowStatements = slowStatements;
    }

    /**
     * Reads all rows.
     *
     * @throws PollRefusedException when the rows lack a mandatory column
     */
    void read(ResultSet rows) throws SQLException, PollRefusedException {
        Map<String, Integer> columns = columns(rows.getMetaData());
        Integer measured = columns.get(MEASURED_AT);
        Integer key = poll.factKind().isEmpty() ? null : columns.get(KEY);
        if (measured == null) {
            throw refused("a result lacks the column measured_at");
        }
        for (String metric : poll.metrics().keySet()) {
            if (columns.containsKey(metric)
                    && poll.metrics().get(metric).kind() == MetricKind.RATIO
                    && !columns.containsKey(metric + PER)) {
                throw refused("the ratio " + metric + " lacks its column " + metric + PER);
            }
        }
        if (columns.containsKey(DELTA_KEY)) {
            statements(rows);
            return;
        }
        while (rows.next()) {
            Timestamp at = rows.getTimestamp(measured);
            if (at == null) {
                throw refused("measured_at is null");
            }
            measuredAt = Math.max(measuredAt, at.getTime());
            if (key != null) {
                fact(rows, columns, key, at.getTime());
            } else {
                samples(rows, columns, at.getTime());
            }
        }
    }

    private void statements(ResultSet rows) throws SQLException {
        Map<String, SlowStatements.Usage> present = new HashMap<>();
        while (rows.next()) {
            measuredAt = Math.max(measuredAt, rows.getTimestamp(MEASURED_AT).getTime());
            present.put(
                    rows.getString(DELTA_KEY),
                    new SlowStatements.Usage(
                            rows.getLong(DELTA_CALLS), rows.getDouble(DELTA_TIME)));
        }
        for (Reading reading : slowStatements.look(present)) {
            samples.add(
                    Sample.gauge(
                            new SeriesId(target, "", reading.metric(), reading.labels()).text(),
                            measuredAt,
                            reading.value()));
        }
    }

    /** What was read; {@code otherwise} is its time when there were no rows. */
    PollAnswer answer(long otherwise, long askedAt) {
        return new PollAnswer(measuredAt == 0 ? otherwise : measuredAt, askedAt, samples, facts);
    }

    private void samples(ResultSet rows, Map<String, Integer> columns, long at)
            throws SQLException {
        Map<String, String> labels = new HashMap<>();
        String tenant = "";
        long epoch = 0;
        for (Map.Entry<String, Integer> column : columns.entrySet()) {
            if (column.getKey().startsWith(LABEL)) {
                labels.put(
                        column.getKey().substring(LABEL.length()),
                        cut(rows.getString(column.getValue()), MAX_LABEL));
            } else if (column.getKey().equals(TENANT)) {
                tenant = cut(rows.getString(column.getValue()), MAX_LABEL);
            } else if (column.getKey().equals(EPOCH)) {
                Timestamp since = rows.getTimestamp(column.getValue());
                epoch = since == null ? 0 : since.getTime();
            }
        }
        for (MetricDefinition metric : poll.metrics().values()) {
            Double value = number(rows, columns.get(metric.name()));
            Double per =
                    metric.kind() == MetricKind.RATIO
                            ? number(rows, columns.get(metric.name() + PER))
                            : Double.valueOf(1);
            if (value != null && per != null) {
                samples.add(
                        new Sample(
                                new SeriesId(target, tenant, metric.name(), labels).text(),
                                at,
                                value,
                                per,
                                metric.kind() == MetricKind.GAUGE ? 0 : epoch));
            }
        }
    }

    private void fact(ResultSet rows, Map<String, Integer> columns, int key, long at)
            throws SQLException {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (Map.Entry<String, Integer> column : columns.entrySet()) {
            String name = column.getKey();
            String value = rows.getString(column.getValue());
            if (value != null && !name.equals(MEASURED_AT) && !name.equals(KEY)) {
                attributes.put(name, cut(value, MAX_ATTRIBUTE));
            }
        }
        facts.add(
                new Fact(
                        target,
                        poll.factKind(),
                        cut(rows.getString(key), MAX_ATTRIBUTE),
                        attributes,
                        at));
    }

    private static Map<String, Integer> columns(ResultSetMetaData metaData) throws SQLException {
        Map<String, Integer> columns = new LinkedHashMap<>();
        for (int i = 1; i <= metaData.getColumnCount(); i++) {
            columns.put(metaData.getColumnLabel(i), i);
        }
        return columns;
    }

    private static @Nullable Double number(ResultSet rows, @Nullable Integer column)
            throws SQLException {
        if (column == null) {
            return null;
        }
        double value = rows.getDouble(column);
        return rows.wasNull() || !Double.isFinite(value) ? null : Double.valueOf(value);
    }

    private static String cut(@Nullable String text, int length) {
        if (text == null) {
            return "";
        }
        if (text.length() <= length) {
            return text;
        }
        // Never split a pair of surrogates: half a character cannot be stored as UTF-8.
        int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
        return text.substring(0, end);
    }

    private PollRefusedException refused(String what) {
        return new PollRefusedException(
                PollFailure.poll("ERROR", "poll file %s: %s. Correct the file.", file, what));
    }
}
