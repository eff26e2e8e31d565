package io.onevault.connectors.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.BOOLEAN;
import static io.onevault.connectors.vault.VaultTable.ColumnType.DOUBLE;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER_ARRAY;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP_MICROS;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Links of waits to incidents, on the oldest and the newest PostgreSQL. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {14, 18})
class VaultLinkIT {

    private static final long T0 = 1_760_000_000_000L;

    private static final VaultTable WAITS =
            new VaultTable(
                            "lock_monitoring",
                            "lock_activity_h",
                            "lock_activity_s",
                            "lock_activity",
                            List.of(
                                    new Column("lock_type", TEXT),
                                    new Column("lock_mode", TEXT),
                                    new Column("blocked_pid", INTEGER),
                                    new Column("lock_duration_seconds", DOUBLE),
                                    new Column("lock_granted", BOOLEAN),
                                    new Column("target_name", TEXT),
                                    new Column("wait_start", TIMESTAMP_MICROS),
                                    new Column("blocking_pids", INTEGER_ARRAY),
                                    new Column("is_closed", BOOLEAN)),
                            List.of("is_closed"),
                            "TEST")
                    .whichLinksName()
                    .withLinks(
                            new VaultLink(
                                    "lock_blocking_l",
                                    "lock_blocking",
                                    "blocking_session_h",
                                    "blocking_session",
                                    false));

    private static final String HUB_OF =
            "INSERT INTO lock_monitoring.lock_activity_h VALUES"
                    + " (util.hash_binary('db1/1'), 'db1/1', %s, '2020-01-01Z', 'OTHER')";

    private static PostgresServer server;

    @Parameter int version;

    @BeforeParameterizedClassInvocation
    static void deploy(int version) {
        server = PostgresServer.builder(version).start();
        VaultTestTables.deploy(server, "vault");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
    }

    private static void empty() {
        server.execute(
                "vault",
                "TRUNCATE lock_monitoring.lock_activity_h, lock_monitoring.lock_activity_s,"
                        + " lock_monitoring.blocking_session_h, lock_monitoring.lock_blocking_l,"
                        + " monitoring.dead_letter");
    }

    @Test
    void contentDoesNotDependOnOrderBatchesOrRepetition() throws Exception {
        for (long seed = 1; seed <= 3; seed++) {
            Random random = new Random(seed);
            List<VaultRow> rows = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                rows.add(
                        wait(
                                random.nextInt(30),
                                List.of("", "A", "B").get(random.nextInt(3)),
                                T0 + random.nextInt(60),
                                random.nextInt(10),
                                random.nextInt(4) == 0));
            }
            empty();
            write(rows, rows.size());
            String orderly = fingerprint();

            List<VaultRow> disorderly = new ArrayList<>(rows);
            disorderly.addAll(rows.subList(0, 200));
            Collections.shuffle(disorderly, random);
            empty();
            write(disorderly, 7);
            assertThat(fingerprint()).isEqualTo(orderly);
            Collections.shuffle(disorderly, random);
            write(disorderly, 1);
            assertThat(fingerprint()).isEqualTo(orderly);
            assertThat(single("SELECT count(*) > 100 FROM lock_monitoring.lock_blocking_l"))
                    .isEqualTo("t");
        }
        assertThat(
                        single(
                                "SELECT count(*) FILTER (WHERE lock_blocking_hk IS DISTINCT FROM"
                                        + " util.hash_link(lock_activity_bk, blocking_session_bk)"
                                        + " OR l.tenant_hk IS DISTINCT FROM a.tenant_hk) FROM"
                                        + " lock_monitoring.lock_blocking_l l LEFT JOIN"
                                        + " lock_monitoring.lock_activity_h a USING"
                                        + " (lock_activity_hk) LEFT JOIN"
                                        + " lock_monitoring.blocking_session_h b USING"
                                        + " (blocking_session_hk)"))
                .as("links without hubs, with another key or another tenant")
                .isEqualTo("0");
    }

    @Test
    void javaAndSqlComputeTheSameKeysOfLinks() throws Exception {
        for (List<String> keys :
                List.of(
                        List.of("a", "b"),
                        List.of("a|b", "c"),
                        List.of("a", "b|c"),
                        List.of("a\\", "|b"),
                        List.of("größe 🐘", "it's \"quoted\" \\| ;--"))) {
            try (Connection connection = server.connect("vault");
                    PreparedStatement statement =
                            connection.prepareStatement("SELECT util.hash_link(?, ?)")) {
                statement.setString(1, keys.get(0));
                statement.setString(2, keys.get(1));
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    assertThat(HashKey.ofLink(keys)).isEqualTo(row.getBytes(1));
                }
            }
        }
        assertThat(HashKey.ofLink(List.of("a|b", "c")))
                .isNotEqualTo(HashKey.ofLink(List.of("a", "b|c")));
    }

    @Test
    void aHubIsATenantsOnlyWhileAllItsRowsAre() throws Exception {
        empty();
        try (Connection connection = server.connect("vault", "pipeline", "secret")) {
            VaultWriter writer = new VaultWriter(WAITS, connection);
            writer.write(List.of(wait(1, "A", T0, 1, false)));
            assertTenants(HashKey.of("A"));
            writer.write(List.of(wait(1, "A", T0 + 1, 1, false)));
            assertTenants(HashKey.of("A"));
            writer.write(List.of(wait(1, "", T0 + 2, 1, false)));
            assertTenants(null);
            writer.write(List.of(wait(1, "A", T0 + 3, 1, true)));
            assertTenants(null);
        }
        // Whoever writes next knows no more than the vault does.
        write(List.of(wait(1, "A", T0 + 4, 1, true), wait(1, "B", T0 + 5, 1, true)), 1);
        assertTenants(null);
        empty();
        write(List.of(wait(1, "A", T0, 1, false)), 1);
        write(List.of(wait(1, "B", T0 + 1, 1, true)), 1);
        assertTenants(null);
    }

    @Test
    void aHubOfSeveralSatellitesIsATenantsOnlyWhileAllTheirRowsAre() throws Exception {
        VaultTable unnamed =
                new VaultTable(
                        WAITS.schema(),
                        WAITS.hub(),
                        WAITS.satellite(),
                        WAITS.key(),
                        WAITS.columns(),
                        WAITS.rank(),
                        WAITS.recordSource());
        for (String tenant : List.of("NULL", "util.hash_binary('B')")) {
            empty();
            server.execute("vault", HUB_OF.formatted(tenant));
            try (Connection connection = server.connect("vault", "pipeline", "secret")) {
                new VaultWriter(unnamed, connection).write(List.of(wait(1, "A", T0, 0, false)));
            }
            assertThat(single("SELECT tenant_hk FROM lock_monitoring.lock_activity_h")).isNull();
        }
    }

    @Test
    void whatALinkMadeIsTheTenantsOfItsFirstRow() throws Exception {
        empty();
        server.execute("vault", HUB_OF.formatted("NULL"));
        write(List.of(wait(1, "A", T0, 1, false)), 1);
        assertTenants(HashKey.of("A"));
    }

    @Test
    void momentsAndListsArriveAsTheyWere() throws Exception {
        empty();
        Random random = new Random(5);
        for (int i = 0; i < 50; i++) {
            long micros = T0 * 1_000 + random.nextLong(3_000_000_000_000_000L);
            VaultRow row = wait(i, "", T0, 0, false);
            List<Object> payload = new ArrayList<>(row.payload());
            payload.set(6, micros);
            write(List.of(new VaultRow(row.businessKey(), "", T0, payload)), 1);
            assertThat(
                            single(
                                    "SELECT concat_ws(' ', (extract(epoch FROM wait_start) *"
                                            + " 1000000)::int8, blocking_pids) FROM"
                                            + " lock_monitoring.lock_activity_s WHERE blocked_pid ="
                                            + " "
                                            + i))
                    .isEqualTo(micros + " {7,0}");
        }
    }

    @Test
    void twoWritersOfTheSameHubDoNotUndoEachOther() throws Exception {
        empty();
        String incident = "lower(encode(util.hash_binary('incident-1'), 'hex'))";
        server.execute(
                "vault",
                "INSERT INTO lock_monitoring.blocking_session_h VALUES"
                        + " (util.hash_binary('incident-1'), 'incident-1', util.hash_binary('A'),"
                        + " '2020-01-01Z', 'OTHER')");
        write(List.of(wait(1, "", T0, 1, false)), 1);
        assertThat(
                        single(
                                "SELECT concat_ws(' ', blocking_session_bk, tenant_hk ="
                                        + " util.hash_binary('A'), extract(year FROM load_date),"
                                        + " record_source) FROM lock_monitoring.blocking_session_h"
                                        + " WHERE encode(blocking_session_hk, 'hex') = "
                                        + incident))
                .isEqualTo("incident-1 t 2020 OTHER");
    }

    private static VaultRow wait(int n, String tenant, long at, int incident, boolean closed) {
        return new VaultRow(
                "db1/" + n,
                tenant,
                at,
                List.of("relation", "m", n, 0.5, closed, "db1", at * 1_000, "{7,0}", closed),
                incident == 0
                        ? List.of()
                        : List.of(
                                new VaultRow.Link("lock_blocking_l", "incident-" + incident),
                                new VaultRow.Link("of_another_release_l", "x")));
    }

    private static void assertTenants(byte[] expected) throws SQLException {
        for (String table : List.of("lock_activity_h", "lock_blocking_l")) {
            try (Connection connection = server.connect("vault");
                    Statement statement = connection.createStatement();
                    ResultSet row =
                            statement.executeQuery(
                                    "SELECT tenant_hk FROM lock_monitoring." + table)) {
                row.next();
                assertThat(row.getBytes(1)).as(table).isEqualTo(expected);
            }
        }
    }

    private static String fingerprint() throws SQLException {
        List<String> tables =
                List.of(
                        "lock_activity_h",
                        "lock_activity_s",
                        "blocking_session_h",
                        "lock_blocking_l");
        StringBuilder all = new StringBuilder();
        for (String table : tables) {
            all.append(
                    single(
                            "SELECT string_agg(t::text, chr(10) ORDER BY t::text)"
                                    + " FROM lock_monitoring."
                                    + table
                                    + " t"));
        }
        return all.toString();
    }

    private static void write(List<VaultRow> rows, int batch) throws SQLException {
        try (Connection connection = server.connect("vault", "pipeline", "secret")) {
            VaultWriter writer = new VaultWriter(WAITS, connection);
            for (int i : IntStream.iterate(0, i -> i < rows.size(), i -> i + batch).toArray()) {
                writer.write(rows.subList(i, Math.min(i + batch, rows.size())));
            }
        }
    }

    private static String single(String sql) throws SQLException {
        try (Connection connection = server.connect("vault");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
