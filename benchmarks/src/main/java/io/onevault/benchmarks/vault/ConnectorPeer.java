package io.onevault.benchmarks.vault;

import io.onevault.benchmarks.vault.SampleRows.Hashed;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.connectors.vault.VaultTable.ColumnType;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.vault.MetricWindowRows;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.JdbcExecutionOptions;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;
import org.apache.flink.connector.jdbc.internal.JdbcOutputFormat;
import org.apache.flink.connector.jdbc.internal.JdbcOutputSerializer;
import org.apache.flink.connector.jdbc.internal.executor.JdbcBatchStatementExecutor;
import org.jspecify.annotations.Nullable;

/**
 * The upsert that flink-connector-jdbc's documentation shows for PostgreSQL, {@code INSERT … ON
 * CONFLICT DO UPDATE} in batches with {@code reWriteBatchedInserts}, into a table with the
 * satellite's columns, key, index and constraints, without partitions, hubs and end dates.
 *
 * <p>It runs the format that {@code JdbcSink}'s writer runs, without a Flink job around it, as the
 * vault's writer runs here, too.
 */
final class ConnectorPeer {

    private static final String TABLE = "public.connector_upsert";
    private static final VaultTable SATELLITE = MetricWindowRows.WINDOWS;

    private ConnectorPeer() {}

    static void createTable(PostgresServer server, String database) {
        server.execute(
                database,
                "CREATE TABLE "
                        + TABLE
                        + " (LIKE "
                        + SATELLITE.qualifiedSatellite()
                        + " INCLUDING ALL)");
    }

    /** Writes the rows; returns seconds. */
    static double write(PostgresServer server, String database, List<Hashed> rows)
            throws IOException, SQLException {
        VaultWriteBenchmark.prepare(server, TABLE);
        JdbcConnectionOptions connection =
                new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                        .withUrl(server.jdbcUrl(database) + "?reWriteBatchedInserts=true")
                        .withDriverName("org.postgresql.Driver")
                        .withUsername(PostgresServer.SUPERUSER)
                        .build();
        JdbcExecutionOptions execution =
                JdbcExecutionOptions.builder()
                        .withBatchSize(VaultWriteBenchmark.BATCH)
                        .withBatchIntervalMs(0)
                        .withMaxRetries(0)
                        .build();
        String upsert = upsert();
        double seconds;
        try (JdbcOutputFormat<Hashed, Hashed, JdbcBatchStatementExecutor<Hashed>> format =
                new JdbcOutputFormat<>(
                        new SimpleJdbcConnectionProvider(connection),
                        execution,
                        () -> JdbcBatchStatementExecutor.simple(upsert, ConnectorPeer::bind))) {
            // Without object reuse the format keeps the rows as they are and never copies.
            format.open(JdbcOutputSerializer.of(null, false));
            long start = System.nanoTime();
            for (Hashed row : rows) {
                format.writeRecord(row);
            }
            format.flush();
            seconds = (System.nanoTime() - start) / 1e9;
        }
        try (Connection check = server.connect(database)) {
            VaultWriteBenchmark.requireRows(check, TABLE, rows.size());
        }
        return seconds;
    }

    private static String upsert() {
        List<String> names = new ArrayList<>(List.of("health_metric_hk", "load_date", "hash_diff"));
        SATELLITE.columns().stream().map(Column::name).forEach(names::add);
        names.add("record_source");
        String parameters =
                names.stream()
                        .map(name -> name.equals("labels") ? "?::jsonb" : "?")
                        .collect(Collectors.joining(", "));
        String updates =
                names.subList(2, names.size()).stream()
                        .map(name -> name + " = EXCLUDED." + name)
                        .collect(Collectors.joining(", "));
        return "INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (health_metric_hk, load_date) DO UPDATE SET %s"
                .formatted(TABLE, String.join(", ", names), parameters, updates);
    }

    private static void bind(PreparedStatement statement, Hashed hashed) throws SQLException {
        statement.setBytes(1, hashed.hashKey());
        statement.setTimestamp(2, new Timestamp(hashed.row().loadDate()));
        statement.setBytes(3, hashed.difference());
        int parameter = 4;
        List<Column> columns = SATELLITE.columns();
        for (int c = 0; c < columns.size(); c++) {
            set(statement, parameter++, columns.get(c).type(), hashed.row().payload().get(c));
        }
        statement.setString(parameter, SATELLITE.recordSource());
    }

    private static void set(
            PreparedStatement statement, int parameter, ColumnType type, @Nullable Object value)
            throws SQLException {
        if (type == ColumnType.TIMESTAMP && value != null) {
            statement.setTimestamp(parameter, new Timestamp((Long) value));
        } else {
            statement.setObject(parameter, value);
        }
    }
}
