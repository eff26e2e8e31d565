package io.onevault.connectors.vault;

import static io.onevault.connectors.vault.VaultTestTables.GAPS;
import static io.onevault.connectors.vault.VaultTestTables.OBJECTS;
import static io.onevault.connectors.vault.VaultTestTables.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.embedded.postgres.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VaultWriterIT {

    private static final long T0 = 1_760_000_000_000L;
    private static final long DAY = 86_400_000L;

    private static PostgresServer server;

    @BeforeAll
    static void deploy() {
        server = PostgresServer.startLatest();
        VaultTestTables.deploy(server, "vault");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void empty() {
        server.execute(
                "vault",
                "TRUNCATE monitoring.server_object_h, monitoring.server_object_s,"
                        + " monitoring.collection_gap_h, monitoring.collection_gap_s");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void contentDoesNotDependOnOrderBatchesOrRepetition(long seed) throws Exception {
        Random random = new Random(seed);
        List<VaultRow> rows = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            rows.add(
                    object(
                            "object-" + random.nextInt(20),
                            // Over months, so that neighbours stand in different partitions.
                            T0 + random.nextInt(200) * DAY / 2,
                            "{\"v\": " + random.nextInt(3) + "}"));
        }
        write(OBJECTS, rows, rows.size());
        String orderly = fingerprint("server_object");
        assertHistoryIsContiguous();
        assertThat(count("monitoring.server_object_s")).isGreaterThan(300);

        List<VaultRow> disorderly = new ArrayList<>(rows);
        disorderly.addAll(rows.subList(0, 250));
        Collections.shuffle(disorderly, random);
        empty();
        write(OBJECTS, disorderly, 7);
        assertThat(fingerprint("server_object")).isEqualTo(orderly);

        Collections.shuffle(disorderly, random);
        write(OBJECTS, disorderly, 50);
        assertThat(fingerprint("server_object")).isEqualTo(orderly);
        assertHistoryIsContiguous();
    }

    @Test
    void ofTwoRowsForOneMomentTheGreaterRankStandsInEitherOrder() throws Exception {
        VaultRow shorter = gap(T0, T0 + 10_000, "shorter");
        VaultRow longer = gap(T0, T0 + 20_000, "longer");
        write(GAPS, List.of(shorter, longer), 1);
        assertThat(single("SELECT detail FROM monitoring.collection_gap_s")).isEqualTo("longer");
        write(GAPS, List.of(longer, shorter), 1);
        write(GAPS, List.of(longer, shorter), 2);
        assertThat(single("SELECT detail FROM monitoring.collection_gap_s")).isEqualTo("longer");
    }

    @Test
    void writersTakingTurnsAtTheSameHubsLeaveOneHistory() throws Exception {
        try (Connection one = server.connect("vault", "pipeline", "secret");
                Connection other = server.connect("vault", "pipeline", "secret")) {
            List<VaultWriter> writers =
                    List.of(new VaultWriter(OBJECTS, one), new VaultWriter(OBJECTS, other));
            for (int turn = 0; turn < 12; turn++) {
                List<VaultRow> rows = new ArrayList<>();
                for (String key : List.of("a", "b", "c")) {
                    // Now and then a step back, and a hub that only one of them writes.
                    long loadDate = T0 + (turn % 5 == 4 ? turn - 2 : turn) * DAY + 1;
                    rows.add(object(key, loadDate, "{\"turn\": " + turn + "}"));
                }
                rows.add(object("own-" + turn % 2, T0 + turn * DAY, "{}"));
                writers.get(turn / 2 % 2).write(rows);
                assertHistoryIsContiguous();
            }
        }
        assertThat(count("monitoring.server_object_s")).isEqualTo(3 * 10 + 12);
    }

    @Test
    void satelliteOfAHubThatOthersOwnIsWrittenAloneUnderTheKeyGiven() throws Exception {
        server.execute(
                "vault",
                "INSERT INTO monitoring.alert_configuration_h (alert_configuration_hk,"
                        + " alert_configuration_bk) VALUES ('\\x00ff', 'a key of their own')");
        String moment = "2026-01-02T03:04:05.123457Z";
        VaultRow first = new VaultRow("00ff", null, T0, List.of(moment, new byte[] {7}, "bad"));
        VaultRow second = new VaultRow("00ff", null, T0 + 1, List.of(moment, new byte[] {8}, ""));
        write(VaultTestTables.REJECTIONS, List.of(second, first), 1);
        write(VaultTestTables.REJECTIONS, List.of(first, second), 2);
        assertThat(
                        single(
                                "SELECT string_agg(concat_ws(' ', alert_configuration_bk,"
                                        + " rejected_hash_diff, reason, s.load_end_date IS NULL),"
                                        + " ', ' ORDER BY s.load_date) FROM"
                                        + " monitoring.alert_rule_rejection_s s JOIN"
                                        + " monitoring.alert_configuration_h USING"
                                        + " (alert_configuration_hk)"))
                .isEqualTo("a key of their own \\x07 bad f, a key of their own \\x08  t");
        assertThat(
                        single(
                                "SELECT bool_and(rejected_load_date = '2026-01-02"
                                        + " 03:04:05.123457+00') FROM"
                                        + " monitoring.alert_rule_rejection_s"))
                .isEqualTo("t");
    }

    @Test
    void equalContentIsNotWrittenAgain() throws Exception {
        List<VaultRow> rows =
                List.of(object("a", T0, "{\"v\": 1}"), object("a", T0 + DAY, "{\"v\": 2}"));
        write(OBJECTS, rows, 10);
        String before =
                single("SELECT string_agg(xmin::text, ',') FROM monitoring.server_object_s");
        write(OBJECTS, rows, 10);
        assertThat(single("SELECT string_agg(xmin::text, ',') FROM monitoring.server_object_s"))
                .isEqualTo(before);
    }

    @Test
    void javaAndSqlComputeTheSameHashKeys() throws Exception {
        List<String> keys =
                List.of(
                        "plain",
                        "",
                        "größe 試験 🐘",
                        "it's \"quoted\" \\ | = ;--",
                        "line\nbreak\ttab",
                        "x".repeat(100_000));
        for (String key : keys) {
            try (Connection connection = server.connect("vault");
                    PreparedStatement statement =
                            connection.prepareStatement("SELECT util.hash_binary(?)")) {
                statement.setString(1, key);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    assertThat(HashKey.of(key)).isEqualTo(row.getBytes(1));
                }
            }
        }
        write(OBJECTS, List.of(object("größe's \"🐘\"", T0, "{}")), 1);
        assertThat(
                        single(
                                "SELECT count(*) FROM monitoring.server_object_h WHERE"
                                        + " server_object_hk = util.hash_binary(server_object_bk)"))
                .isEqualTo("1");
    }

    @Test
    void hostileTextIsStoredAsText() throws Exception {
        String hostile = "'; DROP TABLE monitoring.server_object_s; --\0\uD800<script>\r\n";
        write(OBJECTS, List.of(object(hostile, T0, "{}"), object("b", T0, "{}")), 10);
        assertThat(single("SELECT max(object_key) FROM monitoring.server_object_s")).isNotEmpty();
        assertThat(
                        single(
                                "SELECT object_key FROM monitoring.server_object_s WHERE"
                                        + " object_key <> 'b'"))
                .isEqualTo(hostile.replace('\0', '\uFFFD').replace('\uD800', '\uFFFD'));
    }

    @Test
    void failedBatchLeavesNothingBehind() throws Exception {
        List<VaultRow> rows =
                List.of(object("good", T0, "{}"), object("bad", T0, "this is not JSON"));
        assertThatThrownBy(() -> write(OBJECTS, rows, 2)).isInstanceOf(SQLException.class);
        assertThat(count("monitoring.server_object_h")).isZero();
        assertThat(count("monitoring.server_object_s")).isZero();
    }

    private static void assertHistoryIsContiguous() throws SQLException {
        assertThat(
                        single(
                                "SELECT count(*) FROM (SELECT load_end_date IS DISTINCT FROM"
                                        + " lead(load_date) OVER (PARTITION BY server_object_hk"
                                        + " ORDER BY load_date) AS broken"
                                        + " FROM monitoring.server_object_s) s WHERE broken"))
                .isEqualTo("0");
        assertThat(
                        single(
                                "SELECT count(*) FROM (SELECT server_object_hk FROM"
                                        + " monitoring.server_object_s WHERE load_end_date IS NULL"
                                        + " GROUP BY 1 HAVING count(*) <> 1) s"))
                .isEqualTo("0");
        assertThat(
                        single(
                                "SELECT (SELECT count(*) FROM monitoring.server_object_h) ="
                                        + " (SELECT count(*) FROM monitoring.server_object_s WHERE"
                                        + " load_end_date IS NULL)"))
                .isEqualTo("t");
    }

    private static String fingerprint(String entity) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (String table : List.of("monitoring." + entity + "_h", "monitoring." + entity + "_s")) {
            try (Connection connection = server.connect("vault");
                    Statement statement = connection.createStatement();
                    ResultSet rows =
                            statement.executeQuery(
                                    "SELECT t::text FROM " + table + " t ORDER BY 1")) {
                while (rows.next()) {
                    digest.update(rows.getString(1).getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        return java.util.HexFormat.of().formatHex(digest.digest());
    }

    private static void write(VaultTable table, List<VaultRow> rows, int batch)
            throws SQLException {
        try (Connection connection = server.connect("vault", "pipeline", "secret")) {
            VaultWriter writer = new VaultWriter(table, connection);
            for (int i = 0; i < rows.size(); i += batch) {
                writer.write(rows.subList(i, Math.min(i + batch, rows.size())));
            }
        }
    }

    private static long count(String table) throws SQLException {
        return Long.parseLong(single("SELECT count(*) FROM " + table));
    }

    private static String single(String sql) throws SQLException {
        try (Connection connection = server.connect("vault");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static VaultRow gap(long from, long to, String detail) {
        return new VaultRow(
                "prod||activity",
                null,
                from,
                List.of("prod", "activity", from, to, "ERROR", detail));
    }
}
