package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.onevault.connectors.cdc.CdcSlots;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.TestVault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * The default rules on a real server: all kinds of trouble are made there, the rules fire by what
 * the collector's own queries see, and clear when the trouble is over.
 *
 * <p>Where a rule waits for minutes or gigabytes, its figures alone are smaller here; metric,
 * condition and direction are what a deployment brings. No rule is held back for a while, and none
 * explains another, for all the trouble comes at once here.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class DefaultRulesOnAServerIT {

    private static final String DB = "postgres";

    /** Rules by their key, with what is set for the test; empty: as it is deployed. */
    static final Map<String, String> RULES = rules();

    /** Of what is gone nothing is in order again: the series ends, and the alert with it. */
    private static final Set<String> GONE =
            Set.of("slot-inactive", "slot-wal", "slot-limit", "slot-lost");

    @TempDir static Path work;

    private static PostgresServer vault;
    private static PostgresServer watched;
    private static LocalFlink flink;
    private static final ExecutorService THREADS = Executors.newCachedThreadPool();

    private final List<Connection> sessions = new ArrayList<>();

    /** As it is when nothing waits for a restart. */
    private String workers = "";

    /** Alerts that began before do not count. */
    private String since = "-infinity";

    private final List<Connection> streams = new ArrayList<>();

    private static Map<String, String> rules() {
        Map<String, String> rules = new TreeMap<>();
        rules.put("connections", "");
        rules.put("idle-in-transaction", "warning_threshold = 2");
        rules.put("long-query", "warning_threshold = 2");
        rules.put("long-transaction", "warning_threshold = 2");
        rules.put("prepared-transaction", "warning_threshold = 1");
        rules.put("blocked-sessions", "");
        rules.put("lock-wait", "warning_threshold = 2");
        rules.put("deadlocks", "");
        rules.put("lock-table", "");
        rules.put("rollbacks", "");
        rules.put("cache-hits", "");
        rules.put("slow-statements", "");
        rules.put("checkpoints", "");
        rules.put("xid", "warning_threshold = 100.0 * (%1$d + 3000) / 2147483647");
        rules.put("mxid", "warning_threshold = 100.0 * (%2$d + 1000) / 2147483647");
        rules.put("xmin-horizon", "warning_threshold = 3000");
        rules.put("autovacuum", "warning_threshold = 1");
        rules.put("dead-rows", "");
        rules.put("replication-lag-bytes", "warning_threshold = 5e6");
        rules.put("slot-inactive", "warning_threshold = 2");
        rules.put("slot-wal", "warning_threshold = 5e6");
        rules.put("slot-limit", "");
        rules.put("slot-lost", "");
        rules.put("archive-failing", "");
        rules.put("archive-waiting", "warning_threshold = 2");
        rules.put("checksums", "");
        rules.put("sequences", "");
        rules.put("invalid-index", "");
        rules.put("pending-restart", "");
        return rules;
    }

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.start().server();
        vault.execute("vault", "ALTER ROLE pipeline REPLICATION");
        watched =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("max_connections", "40")
                        .setting("max_prepared_transactions", "5")
                        .setting("max_locks_per_transaction", "10")
                        .setting("max_slot_wal_keep_size", "32MB")
                        .setting("shared_buffers", "16MB")
                        .setting("deadlock_timeout", "200ms")
                        .setting("autovacuum", "off")
                        .setting("checkpoint_timeout", "30s")
                        .setting("wal_sender_timeout", "0")
                        .setting("archive_mode", "on")
                        .start();
        watched.execute(
                DB,
                "ALTER SYSTEM SET archive_command = 'true'",
                // As they are: what initdb wrote into the file would wait for a restart for ever.
                "ALTER SYSTEM SET max_connections = 40",
                "ALTER SYSTEM SET shared_buffers = '16MB'",
                "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
                "CREATE ROLE collector LOGIN PASSWORD 'secret' IN ROLE pg_monitor",
                "CREATE TABLE hot (id int PRIMARY KEY, n int)",
                "INSERT INTO hot SELECT i, 0 FROM generate_series(1, 3000) i",
                "CREATE TABLE dead (id int)",
                "INSERT INTO dead SELECT i FROM generate_series(1, 20000) i",
                "CREATE TABLE cold AS SELECT i, repeat('x', 500) FROM generate_series(1, 60000) i",
                "CREATE TABLE damaged AS SELECT i FROM generate_series(1, 10) i",
                "CREATE TABLE twice AS SELECT 1 AS id FROM generate_series(1, 2)",
                "CREATE SEQUENCE tickets MAXVALUE 100",
                "GRANT SELECT ON SEQUENCE tickets TO collector",
                "VACUUM ANALYZE",
                "CHECKPOINT");
        damage(
                watched.directory()
                        .resolve("data")
                        .resolve(text(watched, DB, "SELECT pg_relation_filepath('damaged')")));
        flink = LocalFlink.start(work);
    }

    /** While the server is down, so that it has no copy of its own. */
    private static void damage(Path relation) throws Exception {
        watched.stop();
        byte[] page = Files.readAllBytes(relation);
        page[page.length - 1] ^= 1;
        Files.write(relation, page, StandardOpenOption.WRITE);
        watched.start();
    }

    @AfterAll
    static void stop() throws Exception {
        THREADS.shutdownNow();
        flink.close();
        watched.close();
        vault.close();
    }

    @Test
    void defaultRulesFireByWhatTheServerDoesAndClear() throws Exception {
        writeRules();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(env, config());
        JobID job = flink.submit(env);
        await(
                "all to be seen",
                () ->
                        text(
                                        vault,
                                        "vault",
                                        "SELECT count(DISTINCT metric_name) FROM"
                                            + " monitoring.system_health_s WHERE metric_name IN"
                                            + " ('connections_used_pct', 'lock_table_used_pct',"
                                            + " 'xid_used_pct', 'tables_needing_vacuum',"
                                            + " 'sequence_used_pct', 'indexes_invalid',"
                                            + " 'settings_pending_restart', 'wal_archive_failing',"
                                            + " 'checksum_failures', 'critical_queries')")
                                .equals("10"));
        // Caches are cold after the start.
        await("order", () -> firing().isEmpty());
        since = text(vault, "vault", "SELECT clock_timestamp()");
        long began = System.nanoTime();
        PGReplicationStream receiver = makeTrouble();
        awaitAll("fire", RULES.keySet(), this::firedOnce);
        long fired = System.nanoTime();
        endTrouble(receiver);
        awaitAll("clear", RULES.keySet(), this::cleared);
        System.out.printf(
                "%d default rules fired within %d s and cleared within %d s%n",
                RULES.size(),
                TimeUnit.NANOSECONDS.toSeconds(fired - began),
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - fired));
        flink.cancel(job);
        for (Connection stream : streams) {
            stream.close();
        }
        assertThat(gone()).as("ended with their series").isSubsetOf(GONE);
    }

    private PGReplicationStream makeTrouble() throws Exception {
        workers = text(watched, DB, "SHOW max_worker_processes");
        // Both wait for transactions that have begun, so they come first.
        fails("CREATE UNIQUE INDEX CONCURRENTLY broken ON twice (id)");
        watched.execute(
                DB,
                "ALTER SYSTEM SET archive_command = 'false'",
                "ALTER SYSTEM SET max_worker_processes = 11",
                "SELECT pg_reload_conf()",
                "SELECT pg_create_logical_replication_slot('forgotten', 'test_decoding')",
                "SELECT setval('tickets', 95)",
                "DELETE FROM dead WHERE id <= 9000");
        later("SELECT pg_sleep(5.5)");
        Connection holder = session("BEGIN", "LOCK TABLE twice", "SELECT 1 FROM hot LIMIT 1");
        for (int i = 0; i < 6; i++) {
            later("SELECT 1 FROM twice");
        }
        session("BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM hot");
        session("BEGIN", "UPDATE hot SET n = 1 WHERE id = 3000", "PREPARE TRANSACTION 'forgotten'");
        session("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 400) i");
        assertThat(holder.isClosed()).isFalse();
        deadlock();
        shareLocks();
        watched.execute(
                DB,
                "DO $$BEGIN FOR i IN 1..5000 LOOP BEGIN UPDATE hot SET n = i WHERE id = 1;"
                        + " EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END$$");
        fails("SELECT * FROM damaged");
        watched.execute(
                DB,
                "DO $$BEGIN FOR i IN 1..200 LOOP UPDATE hot SET n = i WHERE id = 2; ROLLBACK;"
                        + " END LOOP; END$$");
        watched.execute(DB, "CHECKPOINT");
        PGReplicationStream receiver = receiver();
        wal(27);
        while (sessions.size() < 29) {
            session("SELECT 1");
        }
        awaitAll("fire", Set.of("slot-limit", "slot-inactive", "slot-wal"), this::firedOnce);
        wal(30);
        watched.execute(DB, "CHECKPOINT");
        for (int i = 0; i < 5; i++) {
            watched.execute(DB, "SELECT count(*) FROM cold");
        }
        return receiver;
    }

    private void endTrouble(PGReplicationStream receiver) throws Exception {
        for (Connection session : sessions) {
            session.close();
        }
        await(
                "the sessions' end",
                () ->
                        text(
                                        watched,
                                        DB,
                                        "SELECT count(*) FROM pg_stat_activity WHERE usename ="
                                                + " 'postgres' AND backend_type = 'client backend'"
                                                + " AND pid <> pg_backend_pid() AND xact_start IS"
                                                + " NOT NULL")
                                .equals("0"));
        watched.execute(DB, "ROLLBACK PREPARED 'forgotten'");
        watched.execute(
                DB,
                "SELECT pg_drop_replication_slot('forgotten')",
                "ALTER SYSTEM SET max_worker_processes = " + workers,
                "ALTER SYSTEM SET archive_command = 'true'",
                "SELECT pg_reload_conf()",
                "DROP INDEX IF EXISTS broken",
                "DROP TABLE damaged",
                "SELECT setval('tickets', 5)",
                "SELECT pg_stat_reset()",
                "ALTER DATABASE template0 ALLOW_CONNECTIONS true");
        watched.execute(
                DB, "SELECT pg_logical_emit_message(false, 'end', 'x')", "SELECT pg_switch_wal()");
        for (String database : List.of(DB, "template1", "template0")) {
            watched.execute(database, "VACUUM (FREEZE)");
        }
        LogSequenceNumber end =
                LogSequenceNumber.valueOf(text(watched, DB, "SELECT pg_current_wal_lsn()"));
        receiver.setAppliedLSN(end);
        receiver.setFlushedLSN(end);
        receiver.forceUpdateStatus();
    }

    private static void writeRules() throws Exception {
        long xids =
                Long.parseLong(text(watched, DB, "SELECT max(age(datfrozenxid)) FROM pg_database"));
        long mxids =
                Long.parseLong(
                        text(watched, DB, "SELECT max(mxid_age(datminmxid)) FROM pg_database"));
        vault.execute(
                "vault",
                "UPDATE monitoring.alert_configuration_s SET for_seconds = 0, business_hours_only ="
                        + " false, explains_pattern = NULL");
        for (Map.Entry<String, String> rule : RULES.entrySet()) {
            String set = rule.getValue().formatted(xids, mxids);
            if (!set.isEmpty()) {
                vault.execute(
                        "vault",
                        "UPDATE monitoring.alert_configuration_s SET "
                                + set
                                + ", critical_threshold = NULL, clear_threshold = NULL WHERE"
                                + " alert_configuration_hk = util.hash_binary('default:"
                                + rule.getKey()
                                + "')");
            }
        }
        try (Connection connection = vault.connect("vault")) {
            CdcSlots.prepare(connection, "onevault_rules", "onevault_rules", RuleTables.HEARD);
        }
    }

    private static OneVaultConfig config() throws Exception {
        Path file =
                Files.writeString(
                        work.resolve("onevault.yaml"),
                        """
                        vault: {url: "%s", user: pipeline, password: secret}
                        targets:
                          - {name: shop, url: "%s", user: collector, password: secret}
                        polling:
                          intervals: {activity: 1s, target: 1s, database: 1s, statements: 1s,
                            tables: 1s, indexes: 1s, wal: 1s, archiver: 1s, checkpoints: 1s,
                            replication: 1s, slots: 1s, xid: 1s, settings: 1s, sequences: 1s,
                            locks: 1s}
                          disabled: [io, progress, host, tenants, statement_texts,
                            index_definitions]
                        windows: {size: 2s}
                        alerts: {flap_count: 100, stale_after: 6s}
                        job:
                          capabilities: [metrics, alerts]
                          parallelism: 1
                          checkpoint_interval: 5s
                        """
                                .formatted(vault.jdbcUrl("vault"), watched.jdbcUrl(DB)));
        return OneVaultConfig.read(file);
    }

    /** Two sessions that wait for each other until the server ends one of them. */
    private void deadlock() throws Exception {
        Connection first = session("BEGIN", "UPDATE hot SET n = 1 WHERE id = 10");
        Connection second = session("BEGIN", "UPDATE hot SET n = 1 WHERE id = 11");
        THREADS.submit(() -> run(first, "UPDATE hot SET n = 2 WHERE id = 11"));
        run(second, "UPDATE hot SET n = 2 WHERE id = 10");
        THREADS.submit(() -> run(first, "ROLLBACK"));
        run(second, "ROLLBACK");
    }

    /** Each set of transactions that share a row takes a multixact. */
    private void shareLocks() throws Exception {
        Connection first =
                session("BEGIN", "SELECT 1 FROM hot WHERE id BETWEEN 100 AND 2500 FOR SHARE");
        Connection second =
                session(
                        "BEGIN",
                        "DO $$BEGIN FOR i IN 100..2500 LOOP BEGIN PERFORM FROM hot WHERE id = i FOR"
                            + " SHARE; EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP;"
                            + " END$$");
        run(first, "ROLLBACK");
        run(second, "ROLLBACK");
    }

    /** Megabytes. */
    private static void wal(int megabytes) {
        watched.execute(
                DB,
                "SELECT count(pg_logical_emit_message(false, 'fill', repeat('x', 1000000))) FROM"
                        + " generate_series(1, "
                        + megabytes
                        + ")");
    }

    /** One that takes all and says nothing of it. */
    private PGReplicationStream receiver() throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, PostgresServer.SUPERUSER);
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        Connection connection = DriverManager.getConnection(watched.jdbcUrl(DB), properties);
        LogSequenceNumber now =
                LogSequenceNumber.valueOf(text(watched, DB, "SELECT pg_current_wal_lsn()"));
        PGReplicationStream stream =
                connection
                        .unwrap(PGConnection.class)
                        .getReplicationAPI()
                        .replicationStream()
                        .physical()
                        .withStartPosition(now)
                        .withStatusInterval(1, TimeUnit.HOURS)
                        .start();
        stream.setAppliedLSN(now);
        stream.setFlushedLSN(now);
        stream.forceUpdateStatus();
        streams.add(connection);
        return stream;
    }

    private Connection session(String... statements) throws SQLException {
        Connection connection = watched.connect(DB);
        sessions.add(connection);
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
        return connection;
    }

    private void later(String sql) throws SQLException {
        Connection connection = session();
        THREADS.submit(() -> run(connection, sql));
    }

    private static void run(Connection connection, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            // The trouble itself: chosen as a deadlock's victim, or its session is closed.
            assertThat(e.getSQLState()).isNotEqualTo("42601");
        }
    }

    private static void fails(String sql) throws SQLException {
        try (Connection connection = watched.connect(DB);
                Statement statement = connection.createStatement()) {
            assertThat(catchThrowable(() -> statement.execute(sql)))
                    .as(sql)
                    .isInstanceOf(SQLException.class);
        }
    }

    private static final String ALERTS =
            """
            WITH alert AS (
                SELECT a.alert_instance_hk, substr(h.alert_configuration_bk, 9) AS rule,
                       string_agg(a.alert_status, ',' ORDER BY a.load_date) AS life,
                       max(a.additional_context ->> 'end_reason') AS ended
                FROM monitoring.alert_instance_s a
                JOIN monitoring.alert_configuration_h h USING (alert_configuration_hk)
                GROUP BY a.alert_instance_hk, h.alert_configuration_bk
                HAVING min(a.load_date) >= '%s')
            SELECT coalesce(string_agg(DISTINCT rule, ','), '') FROM alert
            """;

    private Set<String> firing() throws SQLException {
        return alerts("WHERE life LIKE '%FIRING' OR life LIKE '%SUPPRESSED'");
    }

    private Set<String> firedOnce() throws SQLException {
        return alerts("WHERE life LIKE 'FIRING%'");
    }

    /** Those without an alert that is still open. */
    private Set<String> cleared() throws SQLException {
        Set<String> cleared = alerts("WHERE life LIKE 'FIRING%RESOLVED'");
        cleared.removeAll(alerts("WHERE life NOT LIKE '%RESOLVED'"));
        return cleared;
    }

    /** Those of which no alert ended because things were in order again. */
    private Set<String> gone() throws SQLException {
        Set<String> gone = alerts("WHERE ended <> 'in order again'");
        gone.removeAll(alerts("WHERE ended = 'in order again'"));
        gone.retainAll(RULES.keySet());
        return gone;
    }

    private Set<String> alerts(String which) throws SQLException {
        return names(ALERTS.formatted(since) + which);
    }

    private static Set<String> names(String sql) throws SQLException {
        Set<String> names = new TreeSet<>(List.of(text(vault, "vault", sql).split(",")));
        names.retainAll(RULES.keySet());
        return names;
    }

    private static String text(PostgresServer server, String database, String sql)
            throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }

    private interface Names {
        Set<String> get() throws SQLException;
    }

    private interface Check {
        boolean holds() throws SQLException;
    }

    private static void awaitAll(String what, Set<String> wanted, Names found) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Set<String> missing = new TreeSet<>(wanted);
        while (!missing.isEmpty()) {
            missing.removeAll(found.get());
            if (!missing.isEmpty()) {
                assertThat(System.nanoTime())
                        .as("waiting for %s to %s", missing, what)
                        .isLessThan(deadline);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    private static void await(String what, Check condition) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("waiting for %s", what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }
}
