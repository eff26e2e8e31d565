package io.onevault.connectors.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From the buffer to the vault: how soon, in how many transactions, and what is refused. */
class VaultFlusherIT {

    private static final long T0 = 1_760_000_000_000L;
    private static final VaultTable LINKED =
            VaultTestTables.OBJECTS.withLinks(
                    new VaultLink(
                            "object_gap_l",
                            "object_gap",
                            "collection_gap_h",
                            "collection_gap",
                            false));

    private static PostgresServer server;

    @BeforeAll
    static void deploy() {
        server = PostgresServer.startLatest();
        VaultTestTables.deploy(server, "vault");
        server.execute(
                "vault",
                "CREATE TABLE monitoring.object_gap_l (object_gap_hk BYTEA PRIMARY KEY,"
                        + " server_object_hk BYTEA NOT NULL, collection_gap_hk BYTEA NOT NULL CHECK"
                        + " (collection_gap_hk <> util.hash_binary('refused')), tenant_hk BYTEA,"
                        + " load_date TIMESTAMPTZ NOT NULL, record_source VARCHAR(100) NOT NULL)",
                "SELECT util.secure_schema('monitoring')");
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
                        + " monitoring.object_gap_l, monitoring.collection_gap_h,"
                        + " monitoring.dead_letter");
    }

    @Test
    void urgentRowsOfAQuietSinkAreReadableAtOnce() throws Exception {
        RowBuffer buffer = new RowBuffer(10_000, List.of());
        VaultFlusher flusher =
                new VaultFlusher(
                        VaultTestTables.OBJECTS,
                        options().withLingerUpTo(Duration.ofMillis(20)),
                        buffer,
                        () -> {});
        flusher.start();
        try (Connection reader = server.connect("vault")) {
            long[] micros = new long[100];
            for (int i = 0; i < micros.length; i++) {
                long offered = System.nanoTime();
                for (int burst = 0; burst < 20; burst++) {
                    buffer.offer(VaultTestTables.object("object-" + burst, T0 + i * 1_000L, "{}"));
                }
                awaitRows(reader, i * 1_000L, 20);
                micros[i] = (System.nanoTime() - offered) / 1_000;
            }
            Arrays.sort(micros);
            assertThat(micros[49]).as("median, µs").isLessThan(100_000);
            assertThat(micros[98]).as("99th percentile, µs").isLessThan(300_000);
            assertThat(single("SELECT count(DISTINCT xmin::text) FROM monitoring.server_object_s"))
                    .as("a burst shares a transaction, that of the one before is closed by it")
                    .satisfies(count -> assertThat(Integer.parseInt(count)).isLessThan(130));
        } finally {
            flusher.stop(5_000);
        }
    }

    @Test
    void underLoadAShortLingerStillFillsBatches() throws Exception {
        RowBuffer buffer = new RowBuffer(100_000, List.of());
        VaultFlusher flusher =
                new VaultFlusher(
                        VaultTestTables.OBJECTS,
                        options().withLingerUpTo(Duration.ofMillis(20)),
                        buffer,
                        () -> {});
        flusher.start();
        for (int i = 0; i < 40_000; i++) {
            buffer.offer(VaultTestTables.object("object-" + i, T0, "{}"));
        }
        awaitEmpty(buffer);
        flusher.stop(5_000);
        assertThat(single("SELECT count(*) FROM monitoring.server_object_s")).isEqualTo("40000");
        assertThat(single("SELECT count(DISTINCT xmin::text) FROM monitoring.server_object_s"))
                .satisfies(count -> assertThat(Integer.parseInt(count)).isLessThan(40));
    }

    @Test
    void aRowWhoseLinkIsRefusedBecomesADeadLetterAndItsNeighboursLand() throws Exception {
        RowBuffer buffer = new RowBuffer(10_000, List.of());
        VaultFlusher flusher = new VaultFlusher(LINKED, options(), buffer, () -> {});
        for (int i = 0; i < 100; i++) {
            VaultRow row = VaultTestTables.object("object-" + i, T0, "{}");
            buffer.offer(
                    new VaultRow(
                            row.businessKey(),
                            null,
                            T0,
                            row.payload(),
                            List.of(
                                    new VaultRow.Link(
                                            "object_gap_l", i == 60 ? "refused" : "gap-" + i))));
        }
        flusher.start();
        awaitEmpty(buffer);
        flusher.stop(5_000);
        assertThat(flusher.deadLetters()).isEqualTo(1);
        assertThat(
                        single(
                                "SELECT concat_ws(' ', (SELECT count(*) FROM"
                                        + " monitoring.object_gap_l), (SELECT count(*) FROM"
                                        + " monitoring.server_object_h), (SELECT count(*) FROM"
                                        + " monitoring.collection_gap_h))"))
                .isEqualTo("99 99 99");
        assertThat(
                        single(
                                "SELECT concat_ws(' ', sqlstate, record ->> 'object_gap_l', record"
                                        + " ->> 'object_key') FROM monitoring.dead_letter"))
                .isEqualTo("23514 refused object-60");
    }

    private static VaultOptions options() {
        return VaultOptions.of(server.jdbcUrl("vault"), "pipeline", Secret.of("secret"));
    }

    private static void awaitRows(Connection reader, long offset, int count) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        try (PreparedStatement statement =
                reader.prepareStatement(
                        "SELECT count(*) FROM monitoring.server_object_s WHERE load_date ="
                                + " to_timestamp(?::float8 / 1000)")) {
            statement.setLong(1, T0 + offset);
            while (true) {
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    if (row.getInt(1) == count) {
                        return;
                    }
                }
                assertThat(System.nanoTime()).as("waiting for rows").isLessThan(deadline);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
    }

    private static void awaitEmpty(RowBuffer buffer) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!buffer.isEmpty()) {
            assertThat(System.nanoTime()).as("waiting for the vault").isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
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
