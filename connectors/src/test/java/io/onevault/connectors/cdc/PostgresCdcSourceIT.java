package io.onevault.connectors.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.FreezingProxy;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The source in a cluster against PostgreSQL, each test in a database of its own. */
class PostgresCdcSourceIT {

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    private static final Duration CHECKPOINTS = Duration.ofMillis(200);

    private static final String LOG_END =
            "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint";

    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.startLatest();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void readsTheRowsThatAreThereThenEveryChange() throws Exception {
        database("stream", "CREATE TABLE item (id int PRIMARY KEY, name text)");
        server.execute("stream", "INSERT INTO item VALUES (1, 'one'), (2, NULL)");
        CdcJob.prepare(server, "stream", "public.item");
        try (CdcJob job =
                CdcJob.start(CdcJob.source(server, "stream", "public.item").build(), CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 2);
            server.execute(
                    "stream",
                    "INSERT INTO item VALUES (3, 'three')",
                    "UPDATE item SET name = 'ONE' WHERE id = 1",
                    "DELETE FROM item WHERE id = 2",
                    "TRUNCATE item");
            Until.holds("the changes", () -> CdcJob.changes().count() == 6);
        }
        List<RowChange> changes = CdcJob.changes().toList();
        assertThat(changes)
                .extracting(RowChange::operation)
                .containsExactly("READ", "READ", "CREATE", "UPDATE", "DELETE", "TRUNCATE");
        assertThat(changes.get(1).after())
                .containsExactly(
                        new FieldValue("id", "int4", "2", false),
                        new FieldValue("name", "text", null, false));
        assertThat(changes.get(3).before()).isNull();
        assertThat(changes.get(3).after())
                .containsExactly(
                        new FieldValue("id", "int4", "1", false),
                        new FieldValue("name", "text", "ONE", false));
        assertThat(changes.get(4).before())
                .containsExactly(new FieldValue("id", "int4", "2", false));
        assertThat(changes.get(4).after()).isNull();
        assertThat(changes)
                .filteredOn(change -> !change.snapshot())
                .extracting(RowChange::precedingCommitLsn)
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(CdcJob.records()).allMatch(record -> record.gap() == null);
    }

    @Test
    void valuesReadTheSameInSnapshotAndStream() throws Exception {
        database(
                "types",
                "CREATE TYPE mood AS ENUM ('sad', 'happy')",
                """
                CREATE TABLE v (id int PRIMARY KEY, b bool, i2 int2, i8 int8, f4 float4, f8 float8,
                  n numeric, nn numeric(12,4), t text, c char(5), vc varchar(9), by bytea,
                  d date, ts timestamp, tz timestamptz, ti time, iv interval, j json, jb jsonb,
                  u uuid, ip inet, ia int[], ta text[], na numeric[], iva interval[], m mood,
                  x xml, r int4range, bi bit(3))
                """);
        String rows =
                """
                INSERT INTO v VALUES
                 (%d, true, -32768, 9223372036854775807, 'NaN', '-Infinity', 'NaN', -1.5000, '',
                  'ab', 'é😀', '\\x00ff', 'infinity', '-infinity', 'infinity', '23:59:59.999999',
                  '-1 year 2 mons -3 days 04:05:06.789', '{"a": 1.10}', '{"b": [1, null]}',
                  '00000000-0000-0000-0000-000000000001', '10.0.0.1/8', '{1,NULL,3}',
                  '{"a b",NULL,"c,d"}', '{1.10,NaN}', '{"1 day"}', 'happy', '<a/>', '[1,5)', '101'),
                 (%d, false, 0, 0, 1e-30, 0.1, 123456789012345678901234567890.1234567890, 0, 'x',
                  '', '', '', '0044-03-15 BC', '0001-01-01 00:00:00.000001',
                  '2024-02-29 23:59:59.123456+05:30', '00:00', '0', '[]', '{}',
                  'ffffffff-ffff-ffff-ffff-ffffffffffff', '::1', '{}', '{}', '{}', '{}', 'sad',
                  '', 'empty', '000'),
                 (%d, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                  NULL)
                """;
        server.execute("types", rows.formatted(1, 2, 3));
        CdcJob.prepare(server, "types", "public.v");
        try (CdcJob job =
                CdcJob.start(CdcJob.source(server, "types", "public.v").build(), CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 3);
            server.execute("types", rows.formatted(11, 12, 13));
            Until.holds("the stream", () -> CdcJob.changes().count() == 6);
        }
        List<RowChange> changes = CdcJob.changes().toList();
        for (int i = 0; i < 3; i++) {
            assertThat(changes.get(i + 3).operation()).isEqualTo("CREATE");
            assertThat(changes.get(i + 3).after().subList(1, 29))
                    .isEqualTo(changes.get(i).after().subList(1, 29));
        }
        List<FieldValue> first = changes.get(3).after();
        assertThat(CdcJob.text(first, "f4")).isEqualTo("NaN");
        assertThat(CdcJob.text(first, "f8")).isEqualTo("-Infinity");
        assertThat(CdcJob.text(first, "n")).isEqualTo("NaN");
        assertThat(CdcJob.text(first, "nn")).isEqualTo("-1.5000");
        assertThat(CdcJob.text(first, "t")).isEmpty();
        assertThat(CdcJob.text(first, "by")).isEqualTo("\\x00ff");
        assertThat(CdcJob.text(first, "d")).isEqualTo("infinity");
        assertThat(CdcJob.text(first, "ts")).isEqualTo("-infinity");
        assertThat(CdcJob.text(first, "tz")).isEqualTo("infinity");
        assertThat(CdcJob.text(first, "iv")).isEqualTo("P0Y-10M-3DT4H5M6.789S");
        assertThat(CdcJob.text(first, "ia")).isEqualTo("{1,NULL,3}");
        assertThat(CdcJob.text(first, "iva")).isEqualTo("{\"1 day\"}");
        assertThat(first.get(21).type()).isEqualTo("_int4");
        List<FieldValue> second = changes.get(4).after();
        assertThat(CdcJob.text(second, "n")).isEqualTo("123456789012345678901234567890.1234567890");
        assertThat(CdcJob.text(second, "tz")).isEqualTo("2024-02-29T18:29:59.123456Z");
        assertThat(CdcJob.text(second, "d")).isEqualTo("-0043-03-15");
        assertThat(changes.get(5).after().subList(1, 29))
                .extracting(FieldValue::text)
                .containsOnlyNulls();
    }

    @Test
    void marksAnUnchangedLargeValueUnlessWholeRowsAreLogged() throws Exception {
        database(
                "toast",
                "CREATE TABLE keyed (id int PRIMARY KEY, n int, large text STORAGE EXTERNAL)",
                "CREATE TABLE whole (id int PRIMARY KEY, n int, large text STORAGE EXTERNAL)",
                "INSERT INTO keyed VALUES (1, 1, repeat('x', 9000))",
                "INSERT INTO whole VALUES (1, 1, repeat('x', 9000))");
        try (Connection connection = server.connect("toast")) {
            CdcSlots.prepare(connection, "toast", "toast", List.of("public.keyed", "public.whole"));
            CdcSlots.logWholeRows(connection, "public.whole");
            // A second time changes nothing.
            CdcSlots.prepare(connection, "toast", "toast", List.of("public.keyed", "public.whole"));
        }
        PostgresCdcSource source =
                CdcJob.source(server, "toast", "public.keyed", "public.whole").build();
        try (CdcJob job = CdcJob.start(source, CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 2);
            server.execute(
                    "toast",
                    "UPDATE keyed SET n = 2",
                    "UPDATE keyed SET n = 3, large = NULL",
                    "UPDATE keyed SET id = 7",
                    "UPDATE whole SET n = 2",
                    "DELETE FROM whole");
            Until.holds("the changes", () -> streamed().size() >= 6);
        }
        List<RowChange> changes = streamed();
        FieldValue unchanged = changes.get(0).after().get(2);
        assertThat(unchanged).isEqualTo(new FieldValue("large", "text", null, true));
        assertThat(changes.get(1).after().get(2))
                .isEqualTo(new FieldValue("large", "text", null, false));
        List<RowChange> whole =
                changes.stream().filter(change -> change.table().equals("whole")).toList();
        assertThat(whole).extracting(RowChange::operation).containsExactly("UPDATE", "DELETE");
        assertThat(CdcJob.text(whole.get(0).before(), "n")).isEqualTo("1");
        assertThat(CdcJob.text(whole.get(0).before(), "large")).hasSize(9000);
        assertThat(CdcJob.text(whole.get(0).after(), "large")).hasSize(9000);
        assertThat(CdcJob.text(whole.get(1).before(), "large")).hasSize(9000);
    }

    @Test
    void confirmsNothingThatNoCompletedCheckpointHolds() throws Exception {
        database("confirm", "CREATE TABLE item (id int PRIMARY KEY)");
        CdcJob.prepare(server, "confirm", "public.item");
        String before = confirmed("confirm");
        try (CdcJob job =
                CdcJob.start(
                        CdcJob.source(server, "confirm", "public.item").build(),
                        Duration.ofHours(1))) {
            assertThat(job).isNotNull();
            server.execute("confirm", "INSERT INTO item SELECT generate_series(1, 500)");
            Until.holds("the changes", () -> CdcJob.changes().count() == 500);
            long written = Long.parseLong(query("confirm", LOG_END));
            Until.holds(
                    "several heartbeats",
                    () -> Long.parseLong(query("confirm", LOG_END)) > written + 500);
            assertThat(confirmed("confirm")).isEqualTo(before);
        }
        assertThat(confirmed("confirm")).as("after the stop").isEqualTo(before);
    }

    @Test
    void letsTheSlotOfAnIdleDatabaseAdvance() throws Exception {
        database("idle", "CREATE TABLE item (id int PRIMARY KEY)");
        CdcJob.prepare(server, "idle", "public.item");
        try (CdcJob job =
                CdcJob.start(CdcJob.source(server, "idle", "public.item").build(), CHECKPOINTS)) {
            assertThat(job).isNotNull();
            for (int i = 0; i < 3; i++) {
                String before = confirmed("idle");
                Until.holds("the slot advances", () -> !confirmed("idle").equals(before));
            }
        }
        assertThat(CdcJob.changes()).isEmpty();
        assertThat(reasons()).isEmpty();
    }

    @Test
    void staysIdleAndSaysWhyWhenTheSlotIsGone() throws Exception {
        database("gone", "CREATE TABLE item (id int PRIMARY KEY)");
        CdcJob.prepare(server, "gone", "public.item");
        PostgresCdcSource source =
                CdcJob.source(server, "gone", "public.item")
                        .retryDelay(Duration.ofSeconds(2))
                        .build();
        try (CdcJob job = CdcJob.start(source, CHECKPOINTS)) {
            assertThat(job).isNotNull();
            server.execute("gone", "INSERT INTO item VALUES (1)");
            Until.holds("the change", () -> CdcJob.changes().count() == 1);
            server.execute(
                    "gone",
                    "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
                            + " WHERE slot_name = 'gone'",
                    "SELECT pg_drop_replication_slot('gone')",
                    "INSERT INTO item VALUES (2)");
            Until.holds("the refusal", () -> reasons().contains("SLOT_MISSING"));
            long checkpoints = CdcJob.completedCheckpoints();
            Until.holds("the job goes on", () -> CdcJob.completedCheckpoints() > checkpoints + 2);
        }
        assertThat(reasons()).containsExactly("UNREACHABLE", "SLOT_MISSING");
        assertThat(CdcJob.starts()).isEqualTo(1);
        assertThat(CdcJob.changes()).hasSize(1);
        assertThat(
                        query(
                                "gone",
                                "SELECT count(*) FROM pg_replication_slots WHERE slot_name ="
                                        + " 'gone'"))
                .as("the source creates no slot")
                .isEqualTo("0");
    }

    @Test
    void noticesAConnectionWhoseOtherEndIsGoneAndReadsOn() throws Exception {
        database("frozen", "CREATE TABLE item (id int PRIMARY KEY)");
        CdcJob.prepare(server, "frozen", "public.item");
        try (FreezingProxy proxy = new FreezingProxy(server.port())) {
            PostgresCdcSource source =
                    PostgresCdcSource.builder(
                                    "t",
                                    server.jdbcUrl("frozen")
                                            .replace(":" + server.port(), ":" + proxy.port()),
                                    "postgres",
                                    Secret.NONE)
                            .slot("frozen")
                            .publication("frozen")
                            .tables(List.of("public.item"))
                            .heartbeat(Duration.ofMillis(200))
                            .retryDelay(Duration.ofMillis(100))
                            .networkTimeout(Duration.ofSeconds(1))
                            .idleAfter(Duration.ZERO)
                            .build();
            try (CdcJob job = CdcJob.start(source, CHECKPOINTS)) {
                assertThat(job).isNotNull();
                Until.holds("the snapshot", CdcJob::snapshotIsComplete);
                server.execute("frozen", "INSERT INTO item VALUES (1)");
                Until.holds("the change", () -> CdcJob.changes().count() == 1);
                proxy.freeze(true);
                server.execute("frozen", "INSERT INTO item VALUES (2)");
                Until.holds("the silence is noticed", () -> reasons().contains("UNREACHABLE"));
                Until.holds("nobody waits for it", CdcJob::isIdle);
                proxy.freeze(false);
                Until.holds("the next change", () -> CdcJob.changes().count() == 2);
                Until.holds("time goes on", () -> !CdcJob.isIdle());
            }
        }
        assertThat(CdcJob.starts()).isEqualTo(1);
        assertThat(reasons()).containsExactly("UNREACHABLE");
    }

    @Test
    void letsTheSlotGoSoonWhenTheJobEndsUnderBackpressure() throws Exception {
        database("pressed", "CREATE TABLE item (id int PRIMARY KEY, note text)");
        CdcJob.prepare(server, "pressed", "public.item");
        try (CdcJob job =
                CdcJob.start(
                        CdcJob.source(server, "pressed", "public.item")
                                .queueCapacity(100)
                                .queueBytes(1 << 20)
                                .build(),
                        CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds("the stream", () -> CdcJob.watermark() > 0);
            CdcJob.block();
            server.execute(
                    "pressed",
                    "INSERT INTO item SELECT g, repeat('x', 200)"
                            + " FROM generate_series(1, 200000) AS g");
            Until.holds(
                    "the server waits for us",
                    () ->
                            query(
                                            "pressed",
                                            "SELECT count(*) FROM pg_stat_activity WHERE wait_event"
                                                    + " = 'WalSenderWriteData'")
                                    .equals("1"));
        }
        Until.holds(
                "the slot is free",
                () ->
                        query(
                                        "pressed",
                                        "SELECT count(*) FROM pg_replication_slots WHERE slot_name"
                                                + " = 'pressed' AND active")
                                .equals("0"));
    }

    @Test
    void refusesAJobWithoutCheckpoints() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        assertThatThrownBy(
                        () -> CdcJob.source(server, "any", "public.item").build().addTo(env, "uid"))
                .hasMessageContaining("needs checkpoints")
                .hasMessageContaining("execution.checkpointing.interval");
    }

    private static List<RowChange> streamed() {
        return CdcJob.changes().filter(change -> !change.snapshot()).toList();
    }

    private static List<String> reasons() {
        return CdcJob.records().stream()
                .filter(record -> record.gap() != null)
                .map(record -> record.gap().reason())
                .toList();
    }

    private static String confirmed(String slot) throws SQLException {
        return query(
                slot,
                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '"
                        + slot
                        + "'");
    }

    private static void database(String name, String... statements) {
        server.createDatabase(name);
        server.execute(name, statements);
    }

    private static String query(String database, String sql) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "";
        }
    }
}
