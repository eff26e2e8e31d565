package io.onevault.benchmarks.vault;

import io.onevault.benchmarks.vault.SampleRows.Hashed;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.connectors.vault.VaultTable.ColumnType;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.vault.MetricWindowRows;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/**
 * {@code COPY} in text format into a table with the satellite's columns and nothing else: no key,
 * no index, no partition, no constraint. What a program would pay that only stores.
 */
final class CopyPeer {

    private static final String TABLE = "public.plain_copy";
    private static final VaultTable SATELLITE = MetricWindowRows.WINDOWS;

    private CopyPeer() {}

    static void createTable(PostgresServer server, String database) {
        server.execute(
                database,
                "CREATE TABLE "
                        + TABLE
                        + " AS SELECT * FROM "
                        + SATELLITE.qualifiedSatellite()
                        + " WITH NO DATA");
    }

    /** Writes the rows; returns seconds, encoding included as it is for the others. */
    static double write(PostgresServer server, String database, List<Hashed> rows)
            throws SQLException {
        VaultWriteBenchmark.prepare(server, TABLE);
        String copy =
                "COPY "
                        + TABLE
                        + " (health_metric_hk, load_date, hash_diff, "
                        + SATELLITE.columns().stream()
                                .map(Column::name)
                                .collect(Collectors.joining(", "))
                        + ", record_source) FROM STDIN";
        try (Connection connection = server.connect(database)) {
            connection.setAutoCommit(false);
            CopyManager manager = connection.unwrap(PGConnection.class).getCopyAPI();
            long start = System.nanoTime();
            for (int i = 0; i < rows.size(); i += VaultWriteBenchmark.BATCH) {
                int end = Math.min(i + VaultWriteBenchmark.BATCH, rows.size());
                CopyIn in = manager.copyIn(copy);
                byte[] lines = lines(rows.subList(i, end)).getBytes(StandardCharsets.UTF_8);
                in.writeToCopy(lines, 0, lines.length);
                in.endCopy();
                connection.commit();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            VaultWriteBenchmark.requireRows(connection, TABLE, rows.size());
            return seconds;
        }
    }

    private static String lines(List<Hashed> rows) {
        StringBuilder out = new StringBuilder(rows.size() * 512);
        List<Column> columns = SATELLITE.columns();
        for (Hashed hashed : rows) {
            bytes(out, hashed.hashKey()).append('\t');
            out.append(Instant.ofEpochMilli(hashed.row().loadDate())).append('\t');
            bytes(out, hashed.difference());
            List<@Nullable Object> payload = hashed.row().payload();
            for (int c = 0; c < columns.size(); c++) {
                out.append('\t');
                value(out, columns.get(c).type(), payload.get(c));
            }
            out.append('\t').append(SATELLITE.recordSource()).append('\n');
        }
        return out.toString();
    }

    private static void value(StringBuilder out, ColumnType type, @Nullable Object value) {
        if (value == null) {
            out.append("\\N");
        } else if (type == ColumnType.TIMESTAMP) {
            out.append(Instant.ofEpochMilli((Long) value));
        } else {
            // The rows hold no character that COPY would want escaped.
            out.append(value);
        }
    }

    private static StringBuilder bytes(StringBuilder out, byte[] value) {
        return out.append("\\\\x").append(HexFormat.of().formatHex(value));
    }
}
