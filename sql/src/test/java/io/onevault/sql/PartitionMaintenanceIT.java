package io.onevault.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Retention beside readers and writers that do not go away. */
class PartitionMaintenanceIT {

    private static final Instant NOW = Instant.parse("2019-09-15T00:00:00Z");
    private static final Instant EXPIRED = Instant.parse("2019-04-15T00:00:00Z");
    private static final String COUNT = "SELECT count(*) FROM monitoring.system_health_s";
    private static final String INSERT =
            """
            INSERT INTO monitoring.system_health_s
                (health_metric_hk, load_date, hash_diff, metric_name, metric_category, metric_value,
                 measurement_timestamp, target_name, window_start, window_seconds, sample_count, record_source)
            VALUES (util.hash_binary(?), ?::timestamptz, '\\x00', 'm', 'PERFORMANCE', 1, now(), 'db1', now(), 60, 6, 'test')
            """;

    /** A long reader of its own keeps the transaction open; the others must be served at once. */
    private static final String IMPATIENT =
            "SET statement_timeout = '2s'; SET lock_timeout = '500ms'";

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void neitherWaitsForALongReaderNorKeepsAnyoneWaiting(int version) throws Exception {
        try (PostgresServer server = PostgresServer.builder(version).start()) {
            server.createDatabase("vault");
            new VaultDeployer(server.jdbcUrl("vault"), "postgres", () -> "").deploy();
            try (Connection longReader = server.connect("vault");
                    Connection newReader = server.connect("vault");
                    Connection writer = server.connect("vault");
                    Connection owner = server.connect("vault")) {
                new PartitionMaintenance()
                        .ensure(owner, EXPIRED, EXPIRED.plus(Duration.ofDays(30)));
                Rows.execute(newReader, IMPATIENT);
                Rows.execute(writer, IMPATIENT);
                insert(writer, "expired", "2019-04-10Z");
                insert(writer, "expired too", "2019-05-10Z");
                longReader.setAutoCommit(false);
                assertThat(Rows.one(longReader, COUNT)).isEqualTo("2");

                PartitionMaintenance.Retention first =
                        new PartitionMaintenance(Duration.ofMillis(200)).dropExpired(owner, NOW);

                assertThat(first.waiting())
                        .extracting(PartitionMaintenance.Partition::name)
                        .contains("system_health_s_y2019m04", "system_health_s_y2019m05");
                assertThat(first.dropped())
                        .extracting(PartitionMaintenance.Partition::name)
                        .contains("lock_activity_s_y2019m04", "lock_activity_s_y2019m05");
                insert(writer, "current", Instant.now().toString());
                assertThat(Rows.one(newReader, COUNT)).isEqualTo("2");
                Rows.one(longReader, COUNT);

                CompletableFuture<PartitionMaintenance.Retention> second =
                        CompletableFuture.supplyAsync(() -> dropExpired(server));
                awaitWaiting(newReader);
                insert(writer, "current too", Instant.now().toString());
                assertThat(Rows.one(newReader, COUNT)).isEqualTo("3");
                Rows.one(longReader, COUNT);
                assertThat(second).isNotDone();
                longReader.commit();

                assertThat(second.get(30, TimeUnit.SECONDS).dropped())
                        .extracting(PartitionMaintenance.Partition::name)
                        .containsExactly("system_health_s_y2019m04", "system_health_s_y2019m05");
                assertThat(Rows.one(newReader, COUNT)).isEqualTo("2");
                assertThat(Rows.of(owner, "SELECT * FROM util.expired_partitions('2019-09-15Z')"))
                        .isEmpty();
            }
        }
    }

    @Test
    void makesMonthsBesideOpenTransactionsOfReadersAndWriters() throws SQLException {
        try (PostgresServer server = PostgresServer.startLatest()) {
            server.createDatabase("vault");
            new VaultDeployer(server.jdbcUrl("vault"), "postgres", () -> "").deploy();
            try (Connection writer = server.connect("vault");
                    Connection other = server.connect("vault");
                    Connection owner = server.connect("vault")) {
                Rows.execute(other, IMPATIENT);
                writer.setAutoCommit(false);
                insert(writer, "unfinished", Instant.now().toString());

                assertThat(new PartitionMaintenance().ensure(owner, EXPIRED, EXPIRED)).isPositive();

                owner.setAutoCommit(false);
                Rows.one(
                        owner,
                        "SELECT util.ensure_partitions('monitoring.system_health_s', '2018-01-01Z',"
                                + " '2018-03-01Z')");
                insert(other, "meanwhile", Instant.now().toString());
                assertThat(Rows.one(other, COUNT)).isEqualTo("1");
                owner.commit();
                insert(other, "in a new month", "2018-02-28T23:59:59Z");
                writer.commit();
                assertThat(Rows.one(other, COUNT)).isEqualTo("3");
            }
        }
    }

    private static void insert(Connection writer, String series, String loadDate)
            throws SQLException {
        try (var insert = writer.prepareStatement(INSERT)) {
            insert.setString(1, series);
            insert.setString(2, loadDate);
            insert.executeUpdate();
        }
    }

    private static PartitionMaintenance.Retention dropExpired(PostgresServer server) {
        try (Connection owner = server.connect("vault")) {
            return new PartitionMaintenance(Duration.ofSeconds(20)).dropExpired(owner, NOW);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitWaiting(Connection connection) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (Rows.of(
                        connection,
                        "SELECT pid FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%DETACH%'"
                                + " AND wait_event_type = 'Lock'")
                .isEmpty()) {
            assertThat(System.nanoTime())
                    .as("the removal waits for the reader")
                    .isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void refusesAConnectionInsideATransactionAndAZeroTimeout() throws SQLException {
        try (PostgresServer server = PostgresServer.startLatest();
                Connection connection = server.connect("postgres")) {
            connection.setAutoCommit(false);
            PartitionMaintenance maintenance = new PartitionMaintenance();
            assertThatThrownBy(() -> maintenance.ensure(connection, NOW, NOW))
                    .hasMessage("partitions are maintained in autocommit mode");
            assertThatThrownBy(() -> new PartitionMaintenance(Duration.ZERO))
                    .hasMessageContaining("at least a millisecond");
        }
    }
}
