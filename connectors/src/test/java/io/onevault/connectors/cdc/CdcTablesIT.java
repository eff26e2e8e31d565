package io.onevault.connectors.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.model.SchemaVersion;
import io.onevault.connectors.model.SchemaVersion.TableColumn;
import io.onevault.connectors.model.SnapshotBoundary;
import io.onevault.embedded.postgres.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that change their shape while they are read, and what stands between their rows. */
class CdcTablesIT {

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    private static final Duration CHECKPOINTS = Duration.ofMillis(200);

    private static PostgresServer server;
    private static PostgresServer oldest;

    @TempDir Path folder;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.startLatest();
        oldest = PostgresServer.builder(PostgresServer.SUPPORTED_VERSIONS.get(0)).start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
        oldest.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsAPartitionedTableUnderItsOwnNameWhateverPartitionsItHas(boolean latest)
            throws Exception {
        PostgresServer database = latest ? server : oldest;
        database.createDatabase("parts");
        database.execute(
                "parts",
                "CREATE TABLE m (day int, id int, note text, PRIMARY KEY (day, id))"
                        + " PARTITION BY RANGE (day)",
                "CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (10)",
                "INSERT INTO m VALUES (1, 1, 'a')");
        CdcJob.prepare(database, "parts", "public.m");
        try (Connection connection = database.connect("parts")) {
            CdcSlots.logWholeRows(connection, "public.m");
        }
        try (CdcJob job =
                CdcJob.start(CdcJob.source(database, "parts", "public.m").build(), CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 1);
            database.execute(
                    "parts",
                    "UPDATE m SET note = 'b'",
                    "CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (10) TO (20)",
                    "INSERT INTO m VALUES (11, 2, 'c')",
                    // Dropped and added columns give it another layout than its parent's.
                    "CREATE TABLE other (gone int, note text, day int NOT NULL, id int NOT NULL)",
                    "ALTER TABLE other DROP COLUMN gone",
                    "ALTER TABLE m ATTACH PARTITION other FOR VALUES FROM (20) TO (30)",
                    "INSERT INTO other VALUES ('d', 21, 3)",
                    "UPDATE m SET day = 12 WHERE id = 3",
                    "DELETE FROM m WHERE id = 1",
                    "TRUNCATE m");
            Until.holds("the changes", () -> CdcJob.changes().count() == 8);
            Until.holds("both partitions are noticed", () -> versions().size() == 3);
            database.execute("parts", "ALTER TABLE m DETACH PARTITION m_2");
            Until.holds("that one is gone", () -> reasons().size() == 2);
        }
        assertThat(reasons()).containsExactly("PARTITION_ATTACHED", "PARTITION_DETACHED");
        assertThat(versions())
                .extracting(SchemaVersion::table)
                .containsExactlyInAnyOrder("m", "m_2", "other");
        List<RowChange> changes = CdcJob.changes().toList();
        assertThat(changes).extracting(RowChange::table).containsOnly("m");
        assertThat(changes)
                .extracting(RowChange::operation)
                .containsExactly(
                        "READ",
                        "UPDATE",
                        "CREATE",
                        "CREATE",
                        "DELETE",
                        "CREATE",
                        "DELETE",
                        "TRUNCATE");
        assertThat(changes.subList(0, 7))
                .extracting(change -> CdcJob.text(change.key(), "id"))
                .containsExactly("1", "1", "2", "3", "3", "3", "1");
        assertThat(CdcJob.text(changes.get(1).before(), "note")).isEqualTo("a");
        assertThat(changes.get(3).after())
                .extracting(FieldValue::text)
                .containsExactly("21", "3", "d");
        assertThat(CdcJob.text(changes.get(6).before(), "note")).isEqualTo("b");
        assertThat(versions())
                .extracting(SchemaVersion::columns)
                .containsOnly(
                        List.of(
                                new TableColumn("day", "int4", true),
                                new TableColumn("id", "int4", true),
                                new TableColumn("note", "text", false)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tellsEveryChangeOfColumnsBeforeTheRowsThatHaveThem(boolean latest) throws Exception {
        PostgresServer database = latest ? server : oldest;
        database.createDatabase("columns");
        database.execute(
                "columns",
                "CREATE TABLE item (id int PRIMARY KEY, a text, b int,"
                        + " twice int GENERATED ALWAYS AS (b * 2) STORED)",
                "INSERT INTO item VALUES (1, 'x', 7)");
        CdcJob.prepare(database, "columns", "public.item");
        if (latest) {
            // Then the log does not tell the key, and the catalogue is ahead of it.
            try (Connection connection = database.connect("columns")) {
                CdcSlots.logWholeRows(connection, "public.item");
            }
        }
        PostgresCdcSource source = CdcJob.source(database, "columns", "public.item").build();
        String savepoint;
        try (CdcJob job = CdcJob.start(source, CHECKPOINTS)) {
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 1);
            savepoint = job.stop(folder);
        }
        // While nobody reads, so that the catalogue is further than the log when it is decoded.
        database.execute(
                "columns",
                "INSERT INTO item VALUES (2, 'x', 7)",
                "ALTER TABLE item ADD COLUMN c timestamptz DEFAULT '2024-01-01 00:00Z'",
                "INSERT INTO item (id, a, b) VALUES (3, 'x', 7)",
                "ALTER TABLE item RENAME COLUMN a TO renamed",
                "INSERT INTO item (id, renamed, b) VALUES (4, 'x', 7)",
                "ALTER TABLE item DROP COLUMN twice, ALTER COLUMN b TYPE text USING 'b' || b",
                "INSERT INTO item (id, renamed, b) VALUES (5, 'x', 'b7')",
                "ALTER TABLE item DROP COLUMN renamed, ADD COLUMN a bool",
                "INSERT INTO item (id, b, a) VALUES (6, 'b7', true)",
                "ALTER TABLE item RENAME COLUMN id TO nr",
                "INSERT INTO item (nr, b, a) VALUES (7, 'b7', true)",
                "TRUNCATE item",
                "ALTER TABLE item ADD COLUMN d int",
                "TRUNCATE item");
        try (CdcJob job = CdcJob.restore(source, CHECKPOINTS, savepoint)) {
            assertThat(job).isNotNull();
            Until.holds("the changes", () -> CdcJob.changes().count() == 9);
            database.execute("columns", "INSERT INTO item (nr) VALUES (9)");
            Until.holds("one more", () -> CdcJob.changes().count() == 10);
            CdcJob.failNext();
            database.execute("columns", "INSERT INTO item (nr) VALUES (10)");
            Until.holds("the restart", () -> CdcJob.starts() == 2);
            Until.holds("the last", () -> CdcJob.changes().count() == 11);
        }
        Map<String, String> rows = new TreeMap<>();
        Map<String, String> columns = new TreeMap<>();
        String current = "";
        for (CdcRecord record : CdcJob.records()) {
            if (record.schemaVersion() != null) {
                current = columnsOf(record.schemaVersion());
            } else if (record.change() != null && record.change().after() != null) {
                RowChange change = record.change();
                assertThat(change.key()).as("the key of " + change).hasSize(1);
                String id = change.key().get(0).text();
                columns.put(id, current);
                rows.put(id, rowOf(change.after()));
            }
        }
        assertThat(rows)
                .containsEntry("1", "id=1 a=x b=7")
                .containsEntry("2", "id=2 a=x b=7")
                .containsEntry("3", "id=3 a=x b=7 c=2024-01-01T00:00:00Z")
                .containsEntry("4", "id=4 renamed=x b=7 c=2024-01-01T00:00:00Z")
                .containsEntry("5", "id=5 renamed=x b=b7 c=2024-01-01T00:00:00Z")
                .containsEntry("6", "id=6 b=b7 c=2024-01-01T00:00:00Z a=true")
                .containsEntry("7", "nr=7 b=b7 c=2024-01-01T00:00:00Z a=true")
                .containsEntry("9", "nr=9 b=null c=2024-01-01T00:00:00Z a=null d=null");
        assertThat(columns)
                .containsEntry("1", "id:int4:true a:text:false b:int4:false")
                .containsEntry("2", "id:int4:true a:text:false b:int4:false")
                .containsEntry("3", "id:int4:true a:text:false b:int4:false c:timestamptz:false")
                .containsEntry(
                        "4", "id:int4:true renamed:text:false b:int4:false c:timestamptz:false")
                .containsEntry(
                        "5", "id:int4:true renamed:text:false b:text:false c:timestamptz:false")
                .containsEntry("6", "id:int4:true b:text:false c:timestamptz:false a:bool:false")
                .containsEntry("7", "nr:int4:true b:text:false c:timestamptz:false a:bool:false")
                .containsEntry(
                        "10",
                        "nr:int4:true b:text:false c:timestamptz:false a:bool:false d:int4:false");
        assertThat(versions()).as("each version once").doesNotHaveDuplicates().hasSize(7);
        assertThat(CdcJob.records()).extracting(CdcRecord::deadLetter).containsOnlyNulls();
    }

    @Test
    void keepsTheKeyOfAnUpdateThatLeavesItsLargeKeyAsItWas() throws Exception {
        database(
                "largekey",
                "CREATE TABLE t (k text PRIMARY KEY, v int)",
                "ALTER TABLE t ALTER k SET STORAGE EXTERNAL",
                "INSERT INTO t VALUES (repeat('x', 2500), 1)");
        CdcJob.prepare(server, "largekey", "public.t");
        try (CdcJob job =
                CdcJob.start(CdcJob.source(server, "largekey", "public.t").build(), CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 1);
            server.execute("largekey", "UPDATE t SET v = 2", "INSERT INTO t VALUES ('end', 3)");
            Until.holds("the changes", () -> CdcJob.changes().count() >= 3);
        }
        List<RowChange> changes = CdcJob.changes().toList();
        assertThat(changes)
                .extracting(RowChange::operation)
                .containsExactly("READ", "UPDATE", "CREATE");
        assertThat(changes.get(1).key()).isEqualTo(changes.get(0).key());
        assertThat(CdcJob.text(changes.get(1).key(), "k")).hasSize(2500);
    }

    @Test
    void takesNoIncludedColumnForAKey() throws Exception {
        database(
                "included",
                "CREATE TABLE t (id int, val int, PRIMARY KEY (id) INCLUDE (val))",
                "ALTER TABLE t REPLICA IDENTITY FULL",
                "INSERT INTO t VALUES (1, 1)");
        CdcJob.prepare(server, "included", "public.t");
        try (CdcJob job =
                CdcJob.start(CdcJob.source(server, "included", "public.t").build(), CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 1);
            server.execute("included", "UPDATE t SET val = 2");
            Until.holds("the update", () -> CdcJob.changes().count() >= 2);
        }
        assertThat(CdcJob.changes().map(RowChange::operation)).containsExactly("READ", "UPDATE");
        assertThat(CdcJob.changes().map(RowChange::key))
                .containsOnly(List.of(new FieldValue("id", "int4", "1", false)));
    }

    @Test
    void waitsForATableThatIsBeingRewritten() throws Exception {
        database("rewrite", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        CdcJob.prepare(server, "rewrite", "public.t");
        try (Connection writer = server.connect("rewrite");
                Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            statement.execute("ALTER TABLE t ALTER id TYPE bigint");
            try (CdcJob job =
                    CdcJob.start(
                            CdcJob.source(server, "rewrite", "public.t").build(), CHECKPOINTS)) {
                assertThat(job).isNotNull();
                Until.holds(
                        "the source waits",
                        () ->
                                isTrue(
                                        statement,
                                        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"));
                writer.commit();
                Until.holds("the row", () -> CdcJob.changes().count() == 1);
            }
        }
    }

    private static boolean isTrue(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            return row.next() && row.getBoolean(1);
        }
    }

    @Test
    void marksBeginAndEndOfASnapshotAndBeginsAnewAfterAnInterruption() throws Exception {
        database(
                "bounds",
                "CREATE TABLE item (id int PRIMARY KEY)",
                "INSERT INTO item SELECT generate_series(1, 20000)");
        CdcJob.prepare(server, "bounds", "public.item");
        try (CdcJob job =
                CdcJob.start(
                        CdcJob.source(server, "bounds", "public.item")
                                .fetchSize(10)
                                .queueCapacity(10)
                                .build(),
                        Duration.ofMillis(20))) {
            assertThat(job).isNotNull();
            Until.holds("a checkpoint in the snapshot", () -> CdcJob.completedCheckpoints() > 0);
            CdcJob.failNext();
            Until.holds("the second end", () -> boundaries().stream().anyMatch(b -> b.complete()));
        }
        List<SnapshotBoundary> boundaries = boundaries();
        int count = boundaries.size();
        assertThat(boundaries).extracting(SnapshotBoundary::stream).containsOnly("cdc/bounds");
        assertThat(boundaries.subList(0, count - 1)).allMatch(boundary -> !boundary.complete());
        SnapshotBoundary begin = boundaries.get(count - 2);
        assertThat(boundaries.get(count - 1).lsn()).isEqualTo(begin.lsn());
        assertThat(boundaries.subList(0, count - 1))
                .extracting(SnapshotBoundary::lsn)
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(CdcJob.changes().filter(change -> change.lsn() == begin.lsn()))
                .as("the rows of the snapshot that ended")
                .hasSize(20_000)
                .allMatch(change -> change.commitTime() == begin.timestamp());
    }

    @Test
    void readsTheTablesAgainWhenTheOperatorNamesANewSlot() throws Exception {
        database(
                "again",
                "CREATE TABLE item (id int PRIMARY KEY, v int)",
                "INSERT INTO item VALUES (1, 1)");
        CdcJob.prepare(server, "again", "public.item");
        String savepoint;
        try (CdcJob job =
                CdcJob.start(CdcJob.source(server, "again", "public.item").build(), CHECKPOINTS)) {
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 1);
            server.execute("again", "UPDATE item SET v = 2");
            Until.holds("the update", () -> CdcJob.changes().count() == 2);
            savepoint = job.stop(folder);
        }
        server.execute(
                "again", "SELECT pg_drop_replication_slot('again')", "UPDATE item SET v = 3");
        try (CdcJob job =
                CdcJob.restore(
                        CdcJob.source(server, "again", "public.item").build(),
                        CHECKPOINTS,
                        savepoint)) {
            Until.holds("the refusal", () -> reasons().contains("SLOT_MISSING"));
            savepoint = job.stop(folder);
        }
        try (Connection connection = server.connect("again")) {
            CdcSlots.prepare(connection, "again", "again_2", List.of("public.item"));
        }
        try (CdcJob job =
                CdcJob.restore(
                        CdcJob.source(server, "again", "public.item").slot("again_2").build(),
                        CHECKPOINTS,
                        savepoint)) {
            assertThat(job).isNotNull();
            Until.holds("the second snapshot", () -> boundaries().size() == 4);
            server.execute("again", "UPDATE item SET v = 4");
            Until.holds("the stream", () -> CdcJob.changes().count() == 4);
        }
        assertThat(CdcJob.changes().map(change -> CdcJob.text(change.after(), "v")))
                .containsExactly("1", "2", "3", "4");
        assertThat(CdcJob.changes().map(RowChange::operation))
                .containsExactly("READ", "UPDATE", "READ", "UPDATE");
        assertThat(boundaries())
                .extracting(SnapshotBoundary::stream)
                .containsExactly("cdc/again", "cdc/again", "cdc/again_2", "cdc/again_2");
        assertThat(boundaries().get(2).lsn()).isGreaterThan(boundaries().get(0).lsn());
    }

    @Test
    void letsEventTimeGoOnWhileTheTablesAreIdleAndWhileTheSlotIsRefused() throws Exception {
        database("times", "CREATE TABLE item (id int PRIMARY KEY)", "INSERT INTO item VALUES (1)");
        CdcJob.prepare(server, "times", "public.item");
        try (CdcJob job =
                CdcJob.start(
                        CdcJob.source(server, "times", "public.item")
                                .outOfOrder(Duration.ofMillis(300))
                                .build(),
                        CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 1);
            long first = CdcJob.changes().findFirst().orElseThrow().commitTime();
            Until.holds("heartbeats move time", () -> CdcJob.watermark() > first + 1000);
            long watermark = CdcJob.watermark();
            server.execute("times", "INSERT INTO item VALUES (2)");
            Until.holds("the change", () -> CdcJob.changes().count() == 2);
            RowChange change = CdcJob.changes().toList().get(1);
            assertThat(change.commitTime()).isGreaterThan(watermark);
            assertThat(CdcJob.isIdle()).isFalse();
            server.execute(
                    "times",
                    "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
                            + " WHERE slot_name = 'times'",
                    "SELECT pg_drop_replication_slot('times')");
            Until.holds("idle when refused", CdcJob::isIdle);
        }
    }

    private static List<SchemaVersion> versions() {
        return CdcJob.records().stream()
                .map(CdcRecord::schemaVersion)
                .filter(Objects::nonNull)
                .toList();
    }

    private static List<SnapshotBoundary> boundaries() {
        return CdcJob.records().stream()
                .map(CdcRecord::snapshotBoundary)
                .filter(Objects::nonNull)
                .toList();
    }

    private static List<String> reasons() {
        return CdcJob.records().stream()
                .filter(record -> record.gap() != null)
                .map(record -> record.gap().reason())
                .toList();
    }

    private static String columnsOf(SchemaVersion version) {
        return String.join(
                " ",
                version.columns().stream()
                        .map(c -> c.name() + ":" + c.type() + ":" + c.key())
                        .toList());
    }

    private static String rowOf(List<FieldValue> row) {
        return String.join(
                " ", row.stream().map(field -> field.name() + "=" + field.text()).toList());
    }

    private static void database(String name, String... statements) {
        server.createDatabase(name);
        server.execute(name, statements);
    }
}
