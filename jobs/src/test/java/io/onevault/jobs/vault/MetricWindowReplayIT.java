package io.onevault.jobs.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultWriter;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.metrics.MetricWindow;
import io.onevault.jobs.testing.TestVault;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A recorded stream of windows, amendments and roll-ups, replayed on every server version. */
class MetricWindowReplayIT {

    static final List<Integer> VERSIONS = PostgresServer.SUPPORTED_VERSIONS;

    private static final long T0 = 1_760_000_400_000L / 60_000 * 60_000;
    private static final int BATCH = 97;

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void replayingTwiceAndShuffledGivesTheSameVaultHashByHash(int version) throws Exception {
        List<MetricWindow> recorded = recorded(new Random(7));
        try (TestVault vault = TestVault.start(version, Map.of())) {
            PostgresServer server = vault.server();
            server.execute(
                    "postgres",
                    "CREATE DATABASE orderly TEMPLATE vault",
                    "CREATE DATABASE replayed TEMPLATE vault");
            write(server, "orderly", recorded);

            List<MetricWindow> twice = new ArrayList<>(recorded);
            twice.addAll(recorded);
            Collections.shuffle(twice, new Random(8));
            write(server, "replayed", twice);

            assertThat(fingerprint(server, "replayed")).isEqualTo(fingerprint(server, "orderly"));
            assertOneOpenRowForEachHub(server);
            assertLateAmendmentStands(server);
        }
    }

    /** Twenty series over half an hour; every tenth window comes again with more samples. */
    private static List<MetricWindow> recorded(Random random) {
        List<MetricWindow> windows = new ArrayList<>();
        for (int minute = 0; minute < 30; minute++) {
            for (int s = 0; s < 20; s++) {
                String tenant = s % 3 == 0 ? "" : "größe's \"tenant\" " + s;
                String series =
                        new SeriesId("prod", tenant, "active", Map.of("user", "ü|=\\'" + s)).text();
                windows.add(window(series, tenant, minute, 60, 6, random.nextInt(100)));
                if (random.nextInt(10) == 0) {
                    windows.add(window(series, tenant, minute, 60, 7, random.nextInt(100)));
                }
            }
        }
        for (int s = 0; s < 20; s++) {
            String series = new SeriesId("prod", "", "active", Map.of("user", "x" + s)).text();
            windows.add(window(series, "", 0, 3_600, 360, s));
        }
        return windows;
    }

    private static MetricWindow window(
            String series, String tenant, int minute, int seconds, int samples, double value) {
        return new MetricWindow(
                series,
                "prod",
                tenant,
                "active",
                Map.of("user", "ü"),
                "PERFORMANCE",
                "count",
                T0 + minute * 60_000L,
                seconds,
                samples,
                0,
                value,
                value,
                value,
                value,
                value,
                value,
                value,
                "NORMAL",
                Double.NaN,
                150,
                T0 + minute * 60_000L + 59_000,
                "",
                0);
    }

    private static void write(PostgresServer server, String database, List<MetricWindow> windows)
            throws SQLException {
        try (Connection connection = server.connect(database);
                Connection other = server.connect(database)) {
            VaultWriter minutes = new VaultWriter(MetricWindowRows.WINDOWS, connection);
            VaultWriter hours = new VaultWriter(MetricWindowRows.HOURS, other);
            for (int i = 0; i < windows.size(); i += BATCH) {
                List<MetricWindow> batch = windows.subList(i, Math.min(i + BATCH, windows.size()));
                minutes.write(rows(batch, 60));
                hours.write(rows(batch, 3_600));
            }
        }
    }

    private static List<VaultRow> rows(List<MetricWindow> windows, int seconds) {
        return windows.stream()
                .filter(window -> window.windowSeconds() == seconds)
                .map(MetricWindowRows::row)
                .toList();
    }

    private static String fingerprint(PostgresServer server, String database) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (VaultTable table : List.of(MetricWindowRows.WINDOWS, MetricWindowRows.HOURS)) {
            for (String name : List.of(table.hub(), table.satellite())) {
                try (Connection connection = server.connect(database);
                        Statement statement = connection.createStatement();
                        ResultSet rows =
                                statement.executeQuery(
                                        "SELECT t::text FROM monitoring."
                                                + name
                                                + " t ORDER BY 1")) {
                    while (rows.next()) {
                        digest.update(rows.getString(1).getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void assertOneOpenRowForEachHub(PostgresServer server) throws SQLException {
        assertThat(
                        single(
                                server,
                                "SELECT count(*) = 20 AND count(DISTINCT health_metric_hk) = 20"
                                        + " FROM monitoring.system_health_s"
                                        + " WHERE load_end_date IS NULL"))
                .isEqualTo("t");
        assertThat(
                        single(
                                server,
                                "SELECT bool_and(health_metric_hk ="
                                        + " util.hash_binary(health_metric_bk))"
                                        + " FROM monitoring.system_health_h"))
                .as("Java and SQL compute the same hash keys")
                .isEqualTo("t");
    }

    private static void assertLateAmendmentStands(PostgresServer server) throws SQLException {
        assertThat(
                        single(
                                server,
                                "SELECT count(*) = 600 AND count(*) FILTER (WHERE sample_count = 7)"
                                        + " > 30 FROM monitoring.system_health_s"))
                .isEqualTo("t");
    }

    private static String single(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = server.connect("replayed");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
