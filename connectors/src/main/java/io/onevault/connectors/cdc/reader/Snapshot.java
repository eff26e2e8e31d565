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
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Utils;
import org.postgresql.util.PGInterval;

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
            SELECT a.attname,
                   t.typname,
                   COALESCE(a.attnum = ANY (i.indkey), false) AS is_key
              FROM pg_class AS c
              JOIN pg_namespace AS n ON n.oid = c.relnamespace
              JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
                                    AND NOT a.attisdropped AND a.attgenerated = ''
              JOIN pg_type AS t ON t.oid = a.atttypid
              LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
             WHERE n.nspname = ? AND c.relname = ?
             ORDER BY a.attnum
            """;

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
        hand(boundary(moment, false), moment);
        for (String table : options.tables()) {
            readTable(connection, CdcOptions.schemaOf(table), CdcOptions.nameOf(table), moment);
        }
        connection.rollback();
        split = split.streamingFrom(confirmed, moment.cut());
        hand(boundary(moment, true), moment);
        return split;
    }

    private void hand(CdcRecord record, Moment moment) throws InterruptedException {
        handover.put(List.of(new Handed(record, split, moment.millis())));
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
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(options.fetchSize());
            try (ResultSet rows = statement.executeQuery(select)) {
                List<Handed> batch = new ArrayList<>();
                while (rows.next()) {
                    batch.add(new Handed(row(rows, schema, table, columns, moment), split));
                    if (batch.size() >= options.fetchSize()) {
                        handover.put(batch);
                        batch = new ArrayList<>();
                    }
                }
                handover.put(batch);
            }
        }
    }

    private static String quoted(String identifier) throws SQLException {
        return Utils.escapeIdentifier(null, identifier).toString();
    }

    private CdcRecord row(
            ResultSet rows, String schema, String table, List<TableColumn> columns, Moment moment)
            throws SQLException {
        List<FieldValue> row = new ArrayList<>(columns.size());
        List<FieldValue> key = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            TableColumn column = columns.get(i);
            FieldValue value;
            try {
                value =
                        new FieldValue(
                                column.name(),
                                column.type(),
                                text(rows, i + 1, column.type()),
                                false);
            } catch (RuntimeException e) {
                return CdcRecord.of(
                        new CdcDeadLetter(
                                options.target(),
                                schema + "." + table,
                                moment.cut().untilLsn(),
                                0,
                                ++ordinal,
                                moment.millis(),
                                "column %s: %s".formatted(column.name(), e.getMessage()),
                                row.toString()));
            }
            row.add(value);
            if (column.key()) {
                key.add(value);
            }
        }
        return record(schema, table, key, row, moment);
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

    private static @Nullable String text(ResultSet rows, int column, String type)
            throws SQLException {
        Object value =
                switch (type) {
                    case "bool" -> rows.getString(column) == null ? null : rows.getBoolean(column);
                    case "float4" -> rows.getString(column) == null ? null : rows.getFloat(column);
                    case "float8" -> rows.getString(column) == null ? null : rows.getDouble(column);
                    case "bytea" -> rows.getBytes(column);
                    case "date" -> rows.getObject(column, LocalDate.class);
                    case "timestamp" -> rows.getObject(column, LocalDateTime.class);
                    case "timestamptz" -> rows.getObject(column, OffsetDateTime.class);
                    case "interval" -> {
                        String text = rows.getString(column);
                        yield text == null ? null : new PGInterval(text);
                    }
                    default -> rows.getString(column);
                };
        return value == null ? null : PgText.of(value);
    }
}
