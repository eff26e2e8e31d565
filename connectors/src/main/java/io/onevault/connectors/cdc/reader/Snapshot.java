package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.cdc.split.SnapshotCut;
import io.onevault.connectors.model.CdcDeadLetter;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.model.SchemaVersion;
import io.onevault.connectors.model.SchemaVersion.TableColumn;
import io.onevault.connectors.model.SnapshotBoundary;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.postgresql.core.Utils;

/**
 * Reads the tables as of one moment, and says which streamed transactions that moment includes.
 *
 * <p>Not the engine's snapshot: with a slot that exists already it reads without a common snapshot
 * and streams from the log's end, losing transactions that were in the log but not yet visible.
 * Here one REPEATABLE READ transaction reads all; the stream begins where the slot stands, and
 * {@link SnapshotCut} leaves out what was seen. It takes no lock beyond that of a SELECT and holds
 * back vacuum for as long as it runs.
 */
final class Snapshot {

    private static final String MOMENT =
            """
            SELECT pg_current_snapshot()::text AS snapshot,
                   pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS wal_end,
                   (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now
            """;

    /** The columns that the server publishes; generated ones it does not. */
    private static final String COLUMNS =
            """
            WITH RECURSIVE
            published AS (
              SELECT c.oid AS relation, c.relreplident, a.attnum, a.attname, a.atttypid AS type
                FROM pg_class AS c
                JOIN pg_namespace AS n ON n.oid = c.relnamespace
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
                                      AND NOT a.attisdropped AND a.attgenerated = ''
               WHERE n.nspname = ? AND c.relname = ?
            ),
            -- Domains are published as their base type.
            based AS (
              SELECT * FROM published
              UNION ALL
              SELECT b.relation, b.relreplident, b.attnum, b.attname, t.typbasetype
                FROM based AS b
                JOIN pg_type AS t ON t.oid = b.type AND t.typtype = 'd'
            )
            SELECT b.attname,
                   t.typname,
                   EXISTS (SELECT
                             FROM pg_index AS i
                            WHERE i.indrelid = b.relation
                              -- Behind the key stand the columns that are only included.
                              AND b.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
                              AND CASE b.relreplident WHEN 'i' THEN i.indisreplident
                                       ELSE i.indisprimary END) AS is_key
              FROM based AS b
              JOIN pg_type AS t ON t.oid = b.type AND t.typtype <> 'd'
             ORDER BY b.attnum
            """;

    private static final long CHUNK_BYTES = 1 << 20;
    private static final long ROW_BYTES = 1024;

    private final CdcOptions options;
    private final Handover handover;
    private CdcSplit split;
    private long ordinal;

    Snapshot(CdcOptions options, Handover handover, CdcSplit split) {
        this.options = options;
        this.handover = handover;
        this.split = split;
    }

    /**
     * Reads everything and hands it on.
     *
     * @param confirmed where the slot stands, asked before
     * @return the stream as it goes on
     */
    CdcSplit read(Connection connection, long confirmed) throws SQLException, InterruptedException {
        try (Statement statement = connection.createStatement()) {
            // Moves the log's end, so that each snapshot has a place of its own.
            statement.execute(Connections.HEARTBEAT);
        }
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        lock(connection);
        Moment moment;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(MOMENT)) {
            row.next();
            moment =
                    new Moment(
                            new SnapshotCut(row.getString("snapshot"), row.getLong("wal_end")),
                            confirmed,
                            row.getLong("now"));
        }
        split =
                CdcSplit.fresh(split.splitId())
                        .of(split.systemId(), split.timeline(), split.publication());
        hand(boundary(moment, false), moment);
        for (String table : options.tables()) {
            readTable(connection, CdcOptions.schemaOf(table), CdcOptions.nameOf(table), moment);
        }
        for (Partitions.Partition partition : Partitions.read(connection, options.tables())) {
            split = split.telling(partition.name(), List.of());
        }
        // The transaction ends with its connection: nothing that fails from here on undoes the
        // work.
        split = split.streamingFrom(confirmed, moment.cut());
        hand(boundary(moment, true), moment);
        return split;
    }

    /**
     * Before the moment: a table that is rewritten after it looks empty to a snapshot taken before.
     * Needs no more than SELECT; a wait that is too long is a failure that is tried again.
     */
    private void lock(Connection connection) throws SQLException {
        StringJoiner list = new StringJoiner(", ");
        for (String table : options.tables()) {
            list.add(quoted(CdcOptions.schemaOf(table)) + "." + quoted(CdcOptions.nameOf(table)));
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "SET LOCAL lock_timeout = " + options.networkTimeout().toMillis() / 2);
            statement.execute("LOCK TABLE " + list + " IN ACCESS SHARE MODE");
        }
    }

    private void hand(CdcRecord record, Moment moment) throws InterruptedException {
        handover.put(List.of(Handed.one(record, split, moment.millis())));
    }

    private CdcRecord boundary(Moment moment, boolean complete) {
        return CdcRecord.of(
                new SnapshotBoundary(
                        options.target(),
                        options.streamName(),
                        moment.cut().untilLsn(),
                        moment.millis(),
                        complete));
    }

    private record Moment(SnapshotCut cut, long confirmed, long millis) {}

    private void readTable(Connection connection, String schema, String table, Moment moment)
            throws SQLException, InterruptedException {
        List<TableColumn> columns = columns(connection, schema, table);
        split = split.telling(schema + "." + table, columns);
        hand(
                CdcRecord.of(
                        new SchemaVersion(
                                options.target(),
                                schema,
                                table,
                                columns,
                                moment.cut().untilLsn(),
                                moment.millis())),
                moment);
        StringJoiner list = new StringJoiner(", ");
        for (TableColumn column : columns) {
            list.add(quoted(column.name()));
        }
        String select = "SELECT %s FROM %s.%s".formatted(list, quoted(schema), quoted(table));
        // Row by row, however large one is; a result set would hold many.
        CopyOut rows =
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyOut("COPY (%s) TO STDOUT".formatted(select));
        List<Handed> batch = new ArrayList<>();
        long bytes = 0;
        for (byte[] line = rows.readFromCopy(); line != null; line = rows.readFromCopy()) {
            CdcRecord record = row(new CopyLine(line), schema, table, columns, moment);
            long size = line.length + ROW_BYTES;
            batch.add(new Handed(List.of(record), split, Handed.NO_TIME, size));
            bytes += size;
            if (batch.size() >= options.fetchSize() || bytes >= CHUNK_BYTES) {
                handover.put(batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
        }
        handover.put(batch);
    }

    private static String quoted(String identifier) throws SQLException {
        return Utils.escapeIdentifier(null, identifier).toString();
    }

    private CdcRecord row(
            CopyLine line, String schema, String table, List<TableColumn> columns, Moment moment) {
        List<FieldValue> row = new ArrayList<>(columns.size());
        List<FieldValue> key = new ArrayList<>();
        @Nullable String problem = null;
        for (int i = 0; i < columns.size(); i++) {
            TableColumn column = columns.get(i);
            String text = null;
            if (line.next()) {
                try {
                    text =
                            RowDecoder.text(
                                    column.name(),
                                    column.type(),
                                    line.bytes(),
                                    line.begin(),
                                    line.length());
                } catch (IllegalArgumentException e) {
                    problem = e.getMessage();
                    text =
                            RowDecoder.readable(
                                    Arrays.copyOfRange(
                                            line.bytes(),
                                            line.begin(),
                                            line.begin() + line.length()));
                }
            }
            FieldValue value = new FieldValue(column.name(), column.type(), text, false);
            row.add(value);
            if (column.key()) {
                key.add(value);
            }
        }
        if (problem == null) {
            return record(schema, table, key, row, moment);
        }
        return CdcRecord.of(
                new CdcDeadLetter(
                        options.target(),
                        schema + "." + table,
                        moment.cut().untilLsn(),
                        0,
                        ++ordinal,
                        moment.millis(),
                        problem,
                        RowDecoder.content(row)));
    }

    private CdcRecord record(
            String schema,
            String table,
            List<FieldValue> key,
            List<FieldValue> row,
            Moment moment) {
        return CdcRecord.of(
                new RowChange(
                        options.target(),
                        schema,
                        table,
                        "READ",
                        key,
                        null,
                        row,
                        moment.cut().untilLsn(),
                        moment.confirmed(),
                        0,
                        ++ordinal,
                        moment.millis(),
                        true));
    }

    private static List<TableColumn> columns(Connection connection, String schema, String table)
            throws SQLException {
        List<TableColumn> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setString(1, schema);
            statement.setString(2, table);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    columns.add(
                            new TableColumn(
                                    row.getString("attname"),
                                    row.getString("typname"),
                                    row.getBoolean("is_key")));
                }
            }
        }
        return columns;
    }
}
