package io.onevault.benchmarks.vault;

import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.Rounds;
import io.onevault.benchmarks.RunOptions;
import io.onevault.benchmarks.vault.SampleRows.Hashed;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultWriter;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.vault.MetricWindowRows;
import io.onevault.sql.VaultDeployer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows per second into {@code system_health_s} with hubs, end-dating, hash diff and idempotence,
 * beside {@code COPY} of the same rows into a plain table and the upsert of flink-connector-jdbc
 * into a table like the satellite. All commit every {@value #BATCH} rows, over one connection, into
 * tables emptied before.
 */
public final class VaultWriteBenchmark implements Benchmark {

    /** Default of the vault sink and of flink-connector-jdbc alike. */
    static final int BATCH = 5_000;

    private static final String VAULT = "vault";
    private static final int[] SIZES = {20_000, 60_000, 180_000};
    private static final int[] QUICK_SIZES = {500, 1_000, 2_000};
    private static final String OWN = "vault";
    private static final String COPY = "copy";
    private static final String CONNECTOR = "connector";

    @Override
    public String name() {
        return "vault-write";
    }

    @Override
    public String description() {
        return "rows/s into a satellite, beside COPY and a JDBC upsert";
    }

    @Override
    public List<Result> run(RunOptions options) throws Exception {
        options.progress().accept("Starting PostgreSQL and deploying a vault");
        try (PostgresServer server =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        // No checkpoint may fall into one contender's round and not another's.
                        .setting("max_wal_size", "8GB")
                        .setting("checkpoint_timeout", "1h")
                        .setting("autovacuum", "off")
                        .setting("shared_buffers", "512MB")
                        .start()) {
            server.createDatabase(VAULT);
            new VaultDeployer(server.jdbcUrl(VAULT), PostgresServer.SUPERUSER, () -> "").deploy();
            server.execute(
                    VAULT, "CREATE ROLE pipeline LOGIN PASSWORD 'secret' IN ROLE onevault_writer");
            CopyPeer.createTable(server, VAULT);
            ConnectorPeer.createTable(server, VAULT);
            return measure(server, options);
        }
    }

    private static List<Result> measure(PostgresServer server, RunOptions options)
            throws Exception {
        int[] sizes = options.quick() ? QUICK_SIZES : SIZES;
        List<Result> results = new ArrayList<>();
        double[] seconds = new double[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            int size = sizes[i];
            options.progress().accept("Writing " + size + " rows, " + options.rounds() + " rounds");
            List<Hashed> rows = SampleRows.first(size);
            Rounds.Medians medians =
                    new Rounds()
                            .with(OWN, () -> size / writeVault(server, rows))
                            .with(COPY, () -> size / CopyPeer.write(server, VAULT, rows))
                            .with(CONNECTOR, () -> size / ConnectorPeer.write(server, VAULT, rows))
                            .run(options.rounds());
            double own = medians.of(OWN);
            seconds[i] = size / own;
            String name = "vault writer, " + size + " rows";
            results.add(
                    Result.against(
                            name, own, "rows/s", "COPY into a plain table", medians.of(COPY)));
            results.add(
                    Result.against(
                            name,
                            own,
                            "rows/s",
                            "flink-connector-jdbc upsert",
                            medians.of(CONNECTOR)));
        }
        double[] counts = new double[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            counts[i] = sizes[i];
        }
        results.add(
                Result.against(
                        "exponent of cost in rows",
                        Rounds.growthExponent(counts, seconds),
                        "",
                        "linear",
                        1));
        return results;
    }

    private static double writeVault(PostgresServer server, List<Hashed> rows) throws SQLException {
        prepare(server, "monitoring.system_health_h, monitoring.system_health_s");
        List<VaultRow> plain = rows.stream().map(Hashed::row).toList();
        try (Connection connection = server.connect(VAULT, "pipeline", "secret")) {
            VaultWriter writer = new VaultWriter(MetricWindowRows.WINDOWS, connection);
            long start = System.nanoTime();
            for (int i = 0; i < plain.size(); i += BATCH) {
                writer.write(plain.subList(i, Math.min(i + BATCH, plain.size())));
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            requireRows(connection, "monitoring.system_health_s", plain.size());
            return seconds;
        }
    }

    /** Empties tables and leaves the server without work of its own. */
    static void prepare(PostgresServer server, String tables) {
        server.execute(VAULT, "TRUNCATE " + tables, "CHECKPOINT");
    }

    /** A contender that lost rows has not done the work. */
    static void requireRows(Connection connection, String table, int expected) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
            rows.next();
            if (rows.getInt(1) != expected) {
                throw new IllegalStateException(
                        table + " holds " + rows.getInt(1) + " rows instead of " + expected);
            }
        }
    }
}
