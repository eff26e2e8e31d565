package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import io.onevault.connectors.cdc.split.CdcPosition;
import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.cdc.split.SnapshotCut;
import io.onevault.connectors.model.CdcDeadLetter;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.model.SchemaVersion;
import io.onevault.connectors.model.SchemaVersion.TableColumn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final String stream;
    private final String rowPrefix;
    private final Relations relations;
    private final CdcPosition resumed;
    private final Map<Integer, List<TableColumn>> described = new HashMap<>();
    private CdcSplit split;
    private long transactionId;
    private long ordinal;
    private long commitLsn;

    /**
     * @param stream the stream's name in gaps
     * @param rowPrefix marks the messages that carry rows
     * @param start where the engine starts; its transaction in progress is delivered again by the
     *     server and left out here by as many changes as were handed on
     */
    ChangeConverter(
            String target, String stream, String rowPrefix, Relations relations, CdcSplit start) {
        this.target = target;
        this.stream = stream;
        this.rowPrefix = rowPrefix;
        this.relations = relations;
        this.resumed = start.position();
        this.split = start;
        this.commitLsn = start.position().commitLsn();
    }

    CdcSplit split() {
        return split;
    }

    /** What a record becomes; null when it is known already and moves nothing. */
    @Nullable Handed convert(SourceRecord record) {
        Object stored = record.sourceOffset().get(LAST_COMMIT);
        long committed = stored instanceof Number number ? number.longValue() : commitLsn;
        if (!(record.value() instanceof Struct value) || value.schema().field("message") == null) {
            return advance(committed, Handed.NO_TIME);
        }
        Struct message = value.getStruct("message");
        String prefix = message.getString("prefix");
        ByteBuffer content = (ByteBuffer) message.get("content");
        if (rowPrefix.equals(prefix)) {
            return row(Carried.read(content), committed);
        }
        return advance(
                committed,
                Connections.HEARTBEAT_PREFIX.equals(prefix)
                        ? heartbeatTime(content)
                        : Handed.NO_TIME);
    }

    /** The bytes that a record carries through the engine. */
    int carried(SourceRecord record) {
        if (record.value() instanceof Struct value && value.schema().field("message") != null) {
            Struct message = value.getStruct("message");
            if (rowPrefix.equals(message.getString("prefix"))) {
                return ((ByteBuffer) message.get("content")).capacity();
            }
        }
        return -1;
    }

    /**
     * What is to be told of partitions that came or went since the last look. The place in the log
     * is not known; the rows of one that is made as a partition are changes like others.
     */
    List<Handed> tell(SlotWatch.Look look) {
        List<Handed> told = new ArrayList<>();
        Set<String> present = new HashSet<>();
        for (Partitions.Partition partition : look.partitions()) {
            present.add(partition.name());
            if (split.columns().containsKey(partition.name())) {
                continue;
            }
            split = split.telling(partition.name(), List.of());
            String name = partition.name();
            told.add(
                    Handed.one(
                            CdcRecord.of(
                                    new SchemaVersion(
                                            target,
                                            CdcOptions.schemaOf(name),
                                            CdcOptions.nameOf(name),
                                            split.columns()
                                                    .getOrDefault(partition.root(), List.of()),
                                            split.position().commitLsn(),
                                            look.time())),
                            split,
                            Handed.NO_TIME));
            if (!partition.madeAsOne()) {
                told.add(
                        gap(
                                look,
                                "PARTITION_ATTACHED",
                                "%s became a partition of %s: the rows it held before are not in the stream"
                                        .formatted(name, partition.root())));
            }
        }
        for (Map.Entry<String, List<TableColumn>> table : split.columns().entrySet()) {
            if (table.getValue().isEmpty() && !present.contains(table.getKey())) {
                split = split.forgetting(table.getKey());
                told.add(
                        gap(
                                look,
                                "PARTITION_DETACHED",
                                "partition %s was detached or dropped: its rows left their table without a change"
                                        .formatted(table.getKey())));
            }
        }
        return told;
    }

    private Handed gap(SlotWatch.Look look, String reason, String detail) {
        return Handed.one(
                CdcRecord.of(
                        new CollectionGap(
                                target, stream, look.time(), look.time(), reason, detail)),
                split,
                Handed.NO_TIME);
    }

    private @Nullable Handed advance(long committed, long time) {
        if (committed > split.position().commitLsn()) {
            split = split.at(new CdcPosition(committed, 0, 0));
        } else if (time == Handed.NO_TIME) {
            return null;
        }
        return Handed.moved(split, time);
    }

    private static long heartbeatTime(ByteBuffer content) {
        try {
            return Long.parseLong(StandardCharsets.US_ASCII.decode(content.duplicate()).toString());
        } catch (NumberFormatException e) {
            // Written by an earlier release.
            return Handed.NO_TIME;
        }
    }

    private @Nullable Handed row(Carried carried, long committed) {
        long id = carried.transaction();
        if (id != transactionId || committed != commitLsn) {
            transactionId = id;
            commitLsn = committed;
            ordinal = 0;
        }
        ByteBuffer message = carried.message();
        int number = message.getInt(1);
        Relation relation = relations.get(number);
        List<TableColumn> columns = described.get(number);
        if (columns == null) {
            columns = describe(relation);
        }
        List<CdcRecord> records = decode(relation, columns, carried);
        CdcPosition known = split.position();
        if (known.commitLsn() == commitLsn
                && known.transactionId() == id
                && ordinal <= known.ordinal()) {
            return null;
        }
        SnapshotCut cut = split.cut();
        boolean seen = cut != null && cut.saw(id) && commitLsn <= cut.untilLsn();
        split = split.at(new CdcPosition(commitLsn, id, ordinal));
        if (seen) {
            return Handed.moved(split, Handed.NO_TIME);
        }
        if (!columns.equals(split.columns().get(relation.name()))) {
            split = split.telling(relation.name(), columns);
            records.add(
                    0,
                    CdcRecord.of(
                            new SchemaVersion(
                                    target,
                                    relation.schema(),
                                    relation.table(),
                                    columns,
                                    carried.lsn(),
                                    carried.commitTime())));
        }
        described.put(number, columns);
        return new Handed(
                List.copyOf(records),
                split,
                carried.commitTime(),
                LogStream.cost(message.capacity()));
    }

    /** The columns with the key among them. */
    private List<TableColumn> describe(Relation relation) {
        List<TableColumn> told = split.columns().get(relation.name());
        List<String> key = relation.primaryKey();
        boolean exists =
                !key.isEmpty()
                        && relation.columns().stream()
                                .map(Relation.Column::name)
                                .toList()
                                .containsAll(key);
        // In a transaction that was handed on in part the key must be as it was then.
        boolean keep =
                told != null
                        && (!exists
                                || (resumed.ordinal() > 0
                                        && transactionId == resumed.transactionId()));
        List<TableColumn> columns = new ArrayList<>(relation.columns().size());
        for (Relation.Column column : relation.columns()) {
            boolean isKey;
            if (relation.tellsKey()) {
                isKey = column.identifying();
            } else if (told != null && keep) {
                isKey =
                        told.stream()
                                .anyMatch(
                                        known -> known.key() && known.name().equals(column.name()));
            } else {
                isKey = key.contains(column.name());
            }
            columns.add(new TableColumn(column.name(), column.type(), isKey));
        }
        return List.copyOf(columns);
    }

    /** The changes of one message, or its dead letter; counts them. */
    private List<CdcRecord> decode(Relation relation, List<TableColumn> columns, Carried carried) {
        List<CdcRecord> records = new ArrayList<>(2);
        RowDecoder.Row row;
        try {
            row = RowDecoder.decode(relation, carried.message());
        } catch (RowDecoder.UndecodableException e) {
            records.add(
                    CdcRecord.of(
                            new CdcDeadLetter(
                                    target,
                                    relation.name(),
                                    carried.lsn(),
                                    transactionId,
                                    ++ordinal,
                                    carried.commitTime(),
                                    String.valueOf(e.getMessage()),
                                    e.content())));
            return records;
        }
        List<FieldValue> before = row.before();
        List<FieldValue> after = row.after();
        List<FieldValue> logged = before == null ? null : logged(before, columns, row.whole());
        if (before != null && after != null) {
            // Of a key, too: then the server logs the old row's key although it did not change.
            after = completed(after, before);
            List<FieldValue> oldKey = key(before, columns);
            if (!oldKey.isEmpty() && !oldKey.equals(key(after, columns))) {
                records.add(change(relation, "DELETE", oldKey, logged, null, carried));
                records.add(change(relation, "CREATE", key(after, columns), null, after, carried));
                return records;
            }
        }
        List<FieldValue> holder = after == null ? before : after;
        records.add(
                change(
                        relation,
                        row.operation(),
                        holder == null ? new ArrayList<>() : key(holder, columns),
                        logged,
                        after,
                        carried));
        return records;
    }

    private CdcRecord change(
            Relation relation,
            String operation,
            List<FieldValue> key,
            @Nullable List<FieldValue> before,
            @Nullable List<FieldValue> after,
            Carried carried) {
        return CdcRecord.of(
                new RowChange(
                        target,
                        relation.schema(),
                        relation.table(),
                        operation,
                        key,
                        before,
                        after,
                        carried.lsn(),
                        commitLsn,
                        transactionId,
                        ++ordinal,
                        carried.commitTime(),
                        false));
    }

    private static List<FieldValue> key(List<FieldValue> row, List<TableColumn> columns) {
        List<FieldValue> key = new ArrayList<>(2);
        for (int i = 0; i < row.size(); i++) {
            if (columns.get(i).key()) {
                key.add(row.get(i));
            }
        }
        return key;
    }

    /**
     * The columns of the old row that the server logged; it sends the others as null, which is not
     * what the row held. A partition may log less than its table says; then all but the key are
     * null.
     */
    private static List<FieldValue> logged(
            List<FieldValue> row, List<TableColumn> columns, boolean whole) {
        if (whole) {
            for (int i = 0; i < row.size(); i++) {
                FieldValue field = row.get(i);
                if (!columns.get(i).key() && (field.text() != null || field.unchanged())) {
                    return row;
                }
            }
        }
        return key(row, columns);
    }

    /** A large value that an update left as it was stands in the old row. */
    private static List<FieldValue> completed(List<FieldValue> after, List<FieldValue> before) {
        List<FieldValue> row = after;
        for (int i = 0; i < after.size(); i++) {
            if (after.get(i).unchanged() && before.get(i).text() != null) {
                if (row == after) {
                    row = new ArrayList<>(after);
                }
                row.set(i, before.get(i));
            }
        }
        return row;
    }
}
