package io.onevault.connectors.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.RowChange;
import io.onevault.embedded.postgres.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be read without loss is not read; the source says so once, and the job goes on. */
class CdcRefusalsIT {

    private static final InMemoryReporter REPORTER = InMemoryReporter.createWithRetainedMetrics();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .setConfiguration(reporting())
                            .build());

    private static final Duration CHECKPOINTS = Duration.ofMillis(200);

    private static PostgresServer server;

    @TempDir Path folder;

    private static Configuration reporting() {
        Configuration configuration = new Configuration();
        REPORTER.addToConfiguration(configuration);
        return configuration;
    }

    @BeforeAll
    static void startServer() {
        server =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("max_slot_wal_keep_size", "1MB")
                        .start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void beginsAloneWhenTheOperatorMadeWhatWasMissing() throws Exception {
        database("late");
        try (CdcJob job = CdcJob.start(source("late").build(), CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds("the refusal", () -> gaps().size() == 1);
            assertThat(gauge(job, "refused")).isEqualTo(1L);
            server.execute("late", "INSERT INTO item VALUES (1)");
            CdcJob.prepare(server, "late", "public.item");
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 1);
            server.execute("late", "INSERT INTO item VALUES (2)");
            Until.holds("the stream", () -> CdcJob.changes().count() == 2);
            assertThat(gauge(job, "refused")).isZero();
            Until.holds("the lag is known", () -> gauge(job, "slot_lag_bytes") >= 0);
            assertThat(gauge(job, "slot_lag_bytes")).isLessThan(10_000_000);
            assertThat(gauge(job, "queue_records")).isZero();
            assertThat(gauge(job, "queue_bytes")).isZero();
        }
        assertThat(gaps()).extracting(CollectionGap::reason).containsExactly("SLOT_MISSING");
        assertThat(CdcJob.starts()).isEqualTo(1);
    }

    @Test
    void waitsForASlotThatIsStillBeingCreated() throws Exception {
        database("unfinished");
        try (Connection running = server.connect("unfinished");
                Statement statement = running.createStatement()) {
            running.setAutoCommit(false);
            statement.execute("INSERT INTO item VALUES (1)");
            CompletableFuture<Void> creation =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    CdcJob.prepare(server, "unfinished", "public.item");
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            try (CdcJob job = CdcJob.start(source("unfinished").build(), CHECKPOINTS)) {
                assertThat(job).isNotNull();
                Until.holds("the refusal", () -> reasons().contains("SLOT_UNFINISHED"));
                server.execute("unfinished", "INSERT INTO item VALUES (2)");
                running.commit();
                creation.get(30, TimeUnit.SECONDS);
                Until.holds(
                        "the snapshot",
                        () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 2);
                server.execute("unfinished", "INSERT INTO item VALUES (3)");
                Until.holds("the stream", () -> CdcJob.changes().count() == 3);
            }
        }
        assertThat(CdcJob.changes().map(RowChange::operation))
                .containsExactly("READ", "READ", "CREATE");
    }

    @Test
    void staysIdleWhenThePublicationWasGoneForAWhile() throws Exception {
        database("pub");
        CdcJob.prepare(server, "pub", "public.item");
        try (CdcJob job = CdcJob.start(source("pub").build(), CHECKPOINTS)) {
            server.execute("pub", "INSERT INTO item VALUES (1)");
            Until.holds("the stream", () -> CdcJob.changes().count() == 1);
            server.execute("pub", "DROP PUBLICATION pub", "INSERT INTO item VALUES (2)");
            Until.holds("the refusal", () -> reasons().contains("PUBLICATION_MISSING"));
            server.execute(
                    "pub", "CREATE PUBLICATION pub FOR TABLE item", "INSERT INTO item VALUES (3)");
            Until.holds(
                    "the second refusal",
                    () -> gaps().stream().anyMatch(gap -> gap.detail().contains("created again")));
            goesOn();
            assertThat(job).isNotNull();
        }
        assertThat(CdcJob.changes()).hasSize(1);
        assertThat(gaps().get(gaps().size() - 1).detail())
                .contains("another slot name")
                .contains("./onevault deploy --config FILE");
    }

    @Test
    void refusesASlotThatIsAheadOnceHoweverOftenItIsLookedAt() throws Exception {
        database("ahead");
        CdcJob.prepare(server, "ahead", "public.item");
        String savepoint = stopAfterFirstRow("ahead");
        server.execute(
                "ahead",
                "INSERT INTO item VALUES (2)",
                "SELECT pg_replication_slot_advance('ahead', pg_current_wal_lsn())",
                "INSERT INTO item VALUES (3)");
        try (CdcJob job = CdcJob.restore(source("ahead").build(), CHECKPOINTS, savepoint)) {
            assertThat(job).isNotNull();
            Until.holds("the refusal", () -> reasons().contains("SLOT_AHEAD"));
            for (int i = 0; i < 5; i++) {
                goesOn();
            }
        }
        assertThat(reasons()).containsExactly("SLOT_AHEAD");
        assertThat(CdcJob.changes()).as("nothing behind the hole").hasSize(1);
        assertThat(CdcJob.starts()).isEqualTo(1);
    }

    @Test
    void refusesASlotWhoseLogIsGone() throws Exception {
        database("lost");
        CdcJob.prepare(server, "lost", "public.item");
        String savepoint = stopAfterFirstRow("lost");
        for (int i = 0; i < 4; i++) {
            server.execute(
                    "lost",
                    "SELECT pg_logical_emit_message(true, 'filler', repeat('x', 1000000))",
                    "SELECT pg_switch_wal()",
                    "CHECKPOINT");
        }
        try (CdcJob job = CdcJob.restore(source("lost").build(), CHECKPOINTS, savepoint)) {
            assertThat(job).isNotNull();
            Until.holds("the refusal", () -> reasons().contains("SLOT_LOST"));
            goesOn();
            assertThat(gauge(job, "refused")).isEqualTo(1L);
        }
        assertThat(reasons()).containsExactly("SLOT_LOST");
    }

    @Test
    void saysWhichRowsOfATableThatWasAddedLaterAreNotRead() throws Exception {
        database("added");
        server.execute("added", "CREATE TABLE more (id int)", "INSERT INTO more VALUES (1)");
        CdcJob.prepare(server, "added", "public.item");
        String savepoint = stopAfterFirstRow("added");
        PostgresCdcSource both =
                CdcJob.source(server, "added", "public.item", "public.more").build();
        try (CdcJob job = CdcJob.restore(both, CHECKPOINTS, savepoint)) {
            Until.holds("the gap", () -> reasons().contains("TABLE_MISSING"));
            server.execute("added", "INSERT INTO item VALUES (2)");
            Until.holds("the other table", () -> CdcJob.changes().count() == 2);
            savepoint = job.stop(folder);
        }
        CdcJob.prepare(server, "added", "public.item", "public.more");
        try (CdcJob job = CdcJob.restore(both, CHECKPOINTS, savepoint)) {
            assertThat(job).isNotNull();
            Until.holds("the gap", () -> reasons().contains("TABLE_ADDED"));
            server.execute("added", "INSERT INTO more VALUES (2)");
            Until.holds("its change", () -> CdcJob.changes().count() == 3);
        }
        assertThat(CdcJob.changes().map(RowChange::table)).containsExactly("item", "item", "more");
        assertThat(reasons()).containsExactly("TABLE_MISSING", "TABLE_ADDED");
    }

    private String stopAfterFirstRow(String database) throws Exception {
        try (CdcJob job = CdcJob.start(source(database).build(), CHECKPOINTS)) {
            server.execute(database, "INSERT INTO item VALUES (1)");
            Until.holds("the stream", () -> CdcJob.changes().count() == 1);
            return job.stop(folder);
        }
    }

    private static void goesOn() throws Exception {
        long checkpoints = CdcJob.completedCheckpoints();
        Until.holds("the job goes on", () -> CdcJob.completedCheckpoints() > checkpoints + 2);
    }

    private static PostgresCdcSource.Builder source(String database) {
        return CdcJob.source(server, database, "public.item").retryDelay(Duration.ofMillis(10));
    }

    private static void database(String name) {
        server.createDatabase(name);
        server.execute(name, "CREATE TABLE item (id int PRIMARY KEY)");
    }

    private static List<CollectionGap> gaps() {
        return CdcJob.records().stream()
                .map(CdcRecord::gap)
                .filter(Objects::nonNull)
                .filter(gap -> !gap.reason().equals("UNREACHABLE"))
                .toList();
    }

    private static List<String> reasons() {
        return gaps().stream().map(CollectionGap::reason).toList();
    }

    private static long gauge(CdcJob job, String name) {
        Metric found = REPORTER.findMetrics(job.id(), ".*cdc\\." + name).values().iterator().next();
        return ((Number) ((Gauge<?>) found).getValue()).longValue();
    }
}
