package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.split.CdcPosition;
import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.cdc.split.SnapshotCut;
import io.onevault.connectors.model.CdcDeadLetter;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.model.SchemaVersion;
import io.onevault.connectors.model.SchemaVersion.TableColumn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Turns the engine's records into ours and keeps the position with them.
 *
 * <p>Leaves out what was handed on before, and what the snapshot delivered. Used by one thread.
 */
final class ChangeConverter {

    private static final String LAST_COMMIT = "lsn_commit";

    private final String target;
    private CdcSplit split;
    private final Map<String, Schema> seen = new HashMap<>();
    private long transactionId;
    private long ordinal;
    private long commitLsn;

    /**
     * @param start where the engine starts; its transaction in progress is delivered again by the
     *     server and left out here by as many changes as were handed on
     */
    ChangeConverter(String target, CdcSplit start) {
        this.target = target;
        this.split = start;
        this.commitLsn = start.position().commitLsn();
    }

    CdcSplit split() {
        return split;
    }

    /**
     * Adds what a record becomes: nothing when it is known already and moves nothing, and two when
     * a table's columns are told before it.
     */
    void convert(SourceRecord record, List<Handed> out) {
        Object stored = record.sourceOffset().get(LAST_COMMIT);
        long committed = stored instanceof Number number ? number.longValue() : commitLsn;
        if (!(record.value() instanceof Struct value) || value.schema().field("op") == null) {
            advance(committed, Handed.NO_TIME, out);
            return;
        }
        if ("m".equals(value.getString("op"))) {
            advance(committed, heartbeatTime(value), out);
            return;
        }
        Struct source = value.getStruct("source");
        Long transaction = source.getInt64("txId");
        long id = transaction == null ? 0 : transaction;
        if (id != transactionId || committed != commitLsn) {
            transactionId = id;
            commitLsn = committed;
            ordinal = 0;
        }
        ordinal++;
        CdcPosition known = split.position();
        if (known.commitLsn() == commitLsn
                && known.transactionId() == id
                && ordinal <= known.ordinal()) {
            return;
        }
        SnapshotCut cut = split.cut();
        CdcPosition next = new CdcPosition(commitLsn, id, ordinal);
        if (cut != null && cut.saw(id) && commitLsn <= cut.untilLsn()) {
            split = split.at(next);
            out.add(new Handed(null, split));
            return;
        }
        long time = source.getInt64("ts_ms");
        CdcRecord version = newColumns(record, value, source, time);
        if (version != null) {
            out.add(new Handed(version, split, time));
        }
        split = split.at(next);
        out.add(new Handed(decode(record, value, source, id), split, time));
    }

    private void advance(long committed, long time, List<Handed> out) {
        if (committed > split.position().commitLsn()) {
            split = split.at(new CdcPosition(committed, 0, 0));
            out.add(new Handed(null, split, time));
        } else if (time != Handed.NO_TIME) {
            out.add(new Handed(null, split, time));
        }
    }

    /** When the source itself wrote the message, else nothing. */
    private static long heartbeatTime(Struct value) {
        Struct message = value.getStruct("message");
        if (!Connections.HEARTBEAT_PREFIX.equals(message.getString("prefix"))) {
            return Handed.NO_TIME;
        }
        byte[] content = message.getBytes("content");
        try {
            return Long.parseLong(new String(content, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            // Written by an earlier release.
            return Handed.NO_TIME;
        }
    }

    /** The table's columns when they are others than those told last, else null. */
    private @Nullable CdcRecord newColumns(
            SourceRecord record, Struct value, Struct source, long time) {
        String schema = source.getString("schema");
        String table = source.getString("table");
        String name = schema + "." + table;
        if (value.schema().equals(seen.get(name)) || "t".equals(value.getString("op"))) {
            return null;
        }
        seen.put(name, value.schema());
        Schema key = record.keySchema();
        List<TableColumn> columns = new ArrayList<>();
        for (Field field : value.schema().field("after").schema().fields()) {
            columns.add(
                    new TableColumn(
                            field.name(),
                            field.schema().parameters().getOrDefault(TextConverter.TYPE, ""),
                            key != null && key.field(field.name()) != null));
        }
        if (columns.equals(split.columns().get(name))) {
            return null;
        }
        split = split.telling(name, columns);
        Long at = source.getInt64("lsn");
        return CdcRecord.of(
                new SchemaVersion(target, schema, table, columns, at == null ? 0 : at, time));
    }

    private CdcRecord decode(SourceRecord record, Struct value, Struct source, long id) {
        Long at = source.getInt64("lsn");
        long lsn = at == null ? 0 : at;
        try {
            String operation = operation(value.getString("op"));
            List<FieldValue> key =
                    record.key() instanceof Struct struct ? fields(struct) : new ArrayList<>();
            Struct before = value.getStruct("before");
            Struct after = value.getStruct("after");
            return CdcRecord.of(
                    new RowChange(
                            target,
                            source.getString("schema"),
                            source.getString("table"),
                            operation,
                            key,
                            before == null ? null : logged(fields(before), key),
                            after == null ? null : fields(after),
                            lsn,
                            commitLsn,
                            id,
                            ordinal,
                            source.getInt64("ts_ms"),
                            false));
        } catch (RuntimeException e) {
            return CdcRecord.of(
                    new CdcDeadLetter(
                            target,
                            source.getString("schema") + "." + source.getString("table"),
                            lsn,
                            id,
                            ordinal,
                            source.getInt64("ts_ms"),
                            String.valueOf(e.getMessage()),
                            String.valueOf(value)));
        }
    }

    private static String operation(String code) {
        return switch (code) {
            case "c" -> "CREATE";
            case "u" -> "UPDATE";
            case "d" -> "DELETE";
            case "t" -> "TRUNCATE";
            default -> throw new IllegalArgumentException("unknown operation " + code);
        };
    }

    /**
     * Without {@code REPLICA IDENTITY FULL} the server logs of the old row the key only, and the
     * engine fills in nulls, which are not what the row held.
     */
    private static List<FieldValue> logged(List<FieldValue> row, List<FieldValue> key) {
        for (FieldValue field : row) {
            if (field.text() != null || field.unchanged()) {
                boolean ofKey = key.stream().anyMatch(part -> part.name().equals(field.name()));
                if (!ofKey) {
                    return row;
                }
            }
        }
        List<FieldValue> kept = new ArrayList<>(key.size());
        for (FieldValue field : row) {
            if (key.stream().anyMatch(part -> part.name().equals(field.name()))) {
                kept.add(field);
            }
        }
        return kept;
    }

    private static List<FieldValue> fields(Struct struct) {
        List<Field> columns = struct.schema().fields();
        List<FieldValue> values = new ArrayList<>(columns.size());
        for (Field column : columns) {
            // The plain getter would answer a null with the column's default.
            String text = (String) struct.getWithoutDefault(column.name());
            String type = column.schema().parameters().getOrDefault(TextConverter.TYPE, "");
            boolean unchanged = TextConverter.UNCHANGED.equals(text);
            if (text != null
                    && !unchanged
                    && !text.isEmpty()
                    && text.charAt(0) == TextConverter.MARK) {
                throw new IllegalArgumentException(
                        "column %s: %s".formatted(column.name(), text.substring(1)));
            }
            values.add(new FieldValue(column.name(), type, unchanged ? null : text, unchanged));
        }
        return values;
    }
}
