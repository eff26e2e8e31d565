package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import io.onevault.connectors.cdc.split.CdcPosition;
import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.cdc.split.SnapshotCut;
import io.onevault.connectors.model.CdcDeadLetter;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

    private static final String IDENTITY =
            """
            SELECT a.attname
              FROM pg_class AS c
              JOIN pg_namespace AS n ON n.oid = c.relnamespace
              JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
              JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
             WHERE n.nspname = ? AND c.relname = ?
            """;

    private final CdcOptions options;
    private final Handover handover;
    private final CdcSplit split;
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
        for (String table : options.tables()) {
            readTable(connection, CdcOptions.schemaOf(table), CdcOptions.nameOf(table), moment);
        }
        connection.rollback();
        CdcSplit done =
                new CdcSplit(
                        split.splitId(),
                        split.systemId(),
                        split.timeline(),
                        new CdcPosition(confirmed, 0, 0),
                        moment.cut());
        handover.put(List.of(new Handed(null, done)));
        return done;
    }

    private record Moment(SnapshotCut cut, long confirmed, long millis) {}

    private void readTable(Connection connection, String schema, String table, Moment moment)
            throws SQLException, InterruptedException {
        Set<String> identity = identity(connection, schema, table);
        String name =
                Utils.escapeIdentifier(null, schema) + "." + Utils.escapeIdentifier(null, table);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(options.fetchSize());
            try (ResultSet rows = statement.executeQuery("SELECT * FROM " + name)) {
                ResultSetMetaData columns = rows.getMetaData();
                String[] names = new String[columns.getColumnCount()];
                String[] types = new String[names.length];
                for (int i = 0; i < names.length; i++) {
                    names[i] = columns.getColumnName(i + 1);
                    types[i] = TextConverter.typeName(columns.getColumnTypeName(i + 1));
                }
                List<Handed> batch = new ArrayList<>();
                while (rows.next()) {
                    batch.add(
                            new Handed(
                                    row(rows, schema, table, names, types, identity, moment),
                                    split));
                    if (batch.size() >= options.fetchSize()) {
                        handover.put(batch);
                        batch = new ArrayList<>();
                    }
                }
                handover.put(batch);
            }
        }
    }

    private CdcRecord row(
            ResultSet rows,
            String schema,
            String table,
            String[] names,
            String[] types,
            Set<String> identity,
            Moment moment)
            throws SQLException {
        List<FieldValue> row = new ArrayList<>(names.length);
        List<FieldValue> key = new ArrayList<>(identity.size());
        for (int i = 0; i < names.length; i++) {
            FieldValue value;
            try {
                value = new FieldValue(names[i], types[i], text(rows, i + 1, types[i]), false);
            } catch (RuntimeException e) {
                return CdcRecord.of(
                        new CdcDeadLetter(
                                options.target(),
                                schema + "." + table,
                                moment.cut().untilLsn(),
                                0,
                                ++ordinal,
                                moment.millis(),
                                "column %s: %s".formatted(names[i], e.getMessage()),
                                row.toString()));
            }
            row.add(value);
            if (identity.contains(names[i])) {
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

    private static Set<String> identity(Connection connection, String schema, String table)
            throws SQLException {
        Set<String> names = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(IDENTITY)) {
            statement.setString(1, schema);
            statement.setString(2, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
        }
        return names;
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
