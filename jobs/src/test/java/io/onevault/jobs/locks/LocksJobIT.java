package io.onevault.jobs.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultRowMapper;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.Pseudonyms;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The locks capability from a watched server to the vault, every part real. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocksJobIT {

    private static final Pseudonyms NAMES = new Pseudonyms(Secret.of("k3y-of-hashes"), false);

    /** What must not be found in the vault: a part of user names, of literals, and an address. */
    private static final List<String> MARKERS = List.of("m4rker", "z1teral", "127.0.0.1");

    private static final String USER_A = "anna_m4rker_of_a";
    private static final String USER_B = "bert_m4rker_of_b";
    private static final long MOST_MILLIS = 5_000;
    private static final Pattern CHECKPOINT = Pattern.compile("chk-(\\d+)");
    private static final AtomicBoolean FAIL = new AtomicBoolean();

    @TempDir static Path work;

    private static TestVault vault;
    private static PostgresServer watched;
    private static LocalFlink flink;
    private static ExecutorService threads;

    @BeforeAll
    static void start() throws Exception {
        threads = Executors.newCachedThreadPool();
        vault =
                TestVault.start(
                        PostgresServer.LATEST_VERSION, Map.of("track_commit_timestamp", "on"));
        vault.execute("CREATE ROLE reader_user LOGIN IN ROLE onevault_reader");
        watched =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("logging_collector", "on")
                        .setting("log_destination", "jsonlog")
                        .start();
        watched.execute(
                "postgres",
                "CREATE ROLE monitor LOGIN IN ROLE pg_monitor",
                "GRANT EXECUTE ON FUNCTION pg_catalog.pg_current_logfile(text),"
                        + " pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO"
                        + " monitor",
                "CREATE ROLE " + USER_A + " LOGIN",
                "CREATE ROLE " + USER_B + " LOGIN",
                "CREATE TABLE item (id int PRIMARY KEY, note text)",
                "INSERT INTO item SELECT i, '' FROM generate_series(1, 50) i",
                "GRANT ALL ON item TO PUBLIC");
        flink = LocalFlink.start(work);
        JobID job = flink.submit(compose());
        assertThat(job).isNotNull();
    }

    @AfterAll
    static void stop() throws Exception {
        threads.shutdownNow();
        flink.close();
        watched.close();
        vault.close();
    }

    private static StreamExecutionEnvironment compose() throws Exception {
        Path file =
                Files.writeString(
                        work.resolve("onevault.yaml"),
                        """
                        job: {capabilities: [locks], parallelism: 1, checkpoint_interval: 500ms}
                        vault:
                          url: "%s"
                          user: pipeline
                          password: secret
                          rules: {enabled: false}
                          persons: {key: %s}
                        targets:
                          - {name: prod, url: "%s", user: monitor, tenant_of_role: "_of_(.+)$"}
                        locks:
                          resolution:
                            enabled: true
                            dry_run: true
                            minimum_wait: 1s
                            minimum_impact: 0
                            maintenance_window: {enabled: false}
                        """
                                .formatted(
                                        vault.jdbcUrl(),
                                        NAMES.key().reveal(),
                                        watched.jdbcUrl("postgres")));
        OneVaultConfig config = OneVaultConfig.read(file);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(
                env, config, new FailingSinks(new VaultFindingSinks(config.vaultOptions())));
        return env;
    }

    /** Fails once when told to, before the row that comes next. */
    private record FailingSinks(FindingSinks sinks) implements FindingSinks {

        @Override
        public <T> void write(DataStream<T> findings, VaultTable table, VaultRowMapper<T> mapper) {
            sinks.write(
                    findings.map(
                                    finding -> {
                                        if (FAIL.compareAndSet(true, false)) {
                                            throw new IllegalStateException("made to fail");
                                        }
                                        return finding;
                                    })
                            .returns(findings.getType())
                            .uid("fail-" + table.satellite()),
                    table,
                    mapper);
        }

        @Override
        public FindingSinks urgent() {
            return new FailingSinks(sinks.urgent());
        }
    }

    @Test
    @Order(1)
    void whatConcernsTwoTenantsIsSeenByNeitherEvenWhenItIsOver() throws Exception {
        try (Connection root = transaction(USER_A);
                Connection first = transaction(USER_A);
                Connection second = transaction(USER_B)) {
            update(root, 1);
            CompletableFuture<String> own = start(first, 1);
            int secondPid = WatchedServer.pid(second);
            vault.await("the wait of its own tenant", "SELECT count(*) = 1 FROM lock_activity_s");
            vault.await("its incident", openVictims(1));
            assertThat(asReader("a", "SELECT count(*) FROM blocking_session_h"))
                    .containsExactly("1");
            CompletableFuture<String> other = start(second, 1);
            vault.await("both victims", openVictims(2));
            vault.await(
                    "a decision",
                    "SELECT count(*) > 0 FROM lock_resolution_s WHERE decision = 'TERMINATE'");
            // The other tenant goes first, then the incident ends with its own tenant's alone.
            terminate(secondPid);
            assertThat(other.get(60, TimeUnit.SECONDS)).isNotEmpty();
            vault.await("one victim", openVictims(1));
            root.commit();
            assertThat(own.get(60, TimeUnit.SECONDS)).isEmpty();
            first.commit();
        }
        vault.await(
                "the end",
                "SELECT bool_and(is_closed) FROM blocking_session_s WHERE load_end_date IS NULL");
        vault.await(
                "the ends of the waits",
                "SELECT bool_and(is_closed) FROM lock_activity_s WHERE load_end_date IS NULL");
        assertThat(
                        rows(
                                "SELECT incident_status, affected_tenants, peak_victims FROM"
                                        + " blocking_session_s WHERE load_end_date IS NULL"))
                .containsExactly("CLOSED|{a,b}|2");
        String hashOfB = NAMES.hex(USER_B);
        for (String table : tables()) {
            String held = "SELECT count(*) FROM " + table + " t WHERE t::text LIKE '%" + hashOfB;
            assertThat(asReader("a", held + "%'")).as(table).containsExactly("0");
        }
        assertThat(
                        rows(
                                "SELECT count(*) > 0 FROM blocking_session_s s WHERE s::text LIKE"
                                        + " '%"
                                        + hashOfB
                                        + "%'"))
                .as("what there was to see")
                .containsExactly("t");
        for (String table : List.of("blocking_session_h", "blocking_session_s")) {
            assertThat(asReader("a", "SELECT count(*) FROM " + table)).containsExactly("0");
        }
        assertThat(asReader("a", "SELECT count(*) FROM lock_activity_h")).containsExactly("1");
    }

    @Test
    @Order(2)
    void aDeadlockIsWrittenOnceWithAllThatIsKnown() throws Exception {
        try (Connection one = transaction(USER_A);
                Connection two = transaction(USER_A)) {
            update(one, 10);
            update(two, 11);
            CompletableFuture<String> waits = start(one, 11);
            vault.await(
                    "the first wait",
                    "SELECT count(*) > 0 FROM lock_activity_s WHERE NOT is_closed AND"
                            + " load_end_date IS NULL");
            CompletableFuture<String> closes = start(two, 10);
            CompletableFuture.anyOf(waits, closes).get(60, TimeUnit.SECONDS);
            Connection survivor = waits.isDone() ? two : one;
            (waits.isDone() ? one : two).rollback();
            assertThat((waits.isDone() ? closes : waits).get(60, TimeUnit.SECONDS)).isEmpty();
            survivor.commit();
            assertThat(List.of(waits.get(), closes.get())).containsExactlyInAnyOrder("", "40P01");
        }
        vault.await(
                "the deadlock",
                "SELECT count(*) > 0 FROM deadlock_event_s WHERE load_end_date IS NULL AND"
                        + " is_closed");
        vault.await(
                "the end of all waits",
                "SELECT bool_and(is_closed) FROM lock_activity_s WHERE load_end_date IS NULL");
        assertThat(
                        rows(
                                "SELECT outcome, event_count, chain_length, first_statement,"
                                        + " second_statement, first_relation, second_relation,"
                                        + " first_waits_for LIKE 'transaction %', second_waits_for"
                                        + " LIKE 'transaction %', victim_pid IN (first_pid,"
                                        + " second_pid) FROM deadlocks"))
                .containsExactly(
                        "DEADLOCK|1|2|UPDATE item SET note = ? || ? WHERE id = ?|UPDATE item SET"
                                + " note = ? || ? WHERE id = ?|public.item|public.item|t|t|t");
        assertThat(rows("SELECT count(*) FROM deadlock_event_h")).containsExactly("1");
        assertThat(
                        rows(
                                "SELECT count(*) FROM deadlock_lock_l JOIN lock_activity_s USING"
                                        + " (lock_activity_hk) WHERE load_end_date IS NULL"))
                .as("links to both waits")
                .containsExactly("2");
    }

    @Test
    @Order(3)
    void aWaitIsInTheVaultSoon() throws Exception {
        String began;
        try (Connection connection = watched.connect("postgres")) {
            began = rows(connection, "SELECT clock_timestamp()").get(0);
        }
        try (Connection root = transaction(USER_A)) {
            for (int row = 20; row < 40; row++) {
                update(root, row);
            }
            List<Connection> victims = new ArrayList<>();
            List<CompletableFuture<String>> waits = new ArrayList<>();
            long known = number("SELECT count(*) FROM lock_activity_h");
            for (int row = 20; row < 40; row++) {
                Connection victim = transaction(USER_A);
                victims.add(victim);
                waits.add(start(victim, row));
                vault.await(
                        "wait " + row, "SELECT count(*) = " + ++known + " FROM lock_activity_h");
            }
            root.commit();
            for (int i = 0; i < waits.size(); i++) {
                assertThat(waits.get(i).get(60, TimeUnit.SECONDS)).isEmpty();
                victims.get(i).close();
            }
        }
        List<Long> millis =
                rows(
                                """
                                SELECT (extract(epoch FROM pg_xact_commit_timestamp(h.xmin) - min(s.wait_start)) * 1000)::int8
                                FROM lock_activity_h h JOIN lock_activity_s s USING (lock_activity_hk)
                                GROUP BY h.lock_activity_hk, h.xmin HAVING min(s.wait_start) >= '%s' ORDER BY 1
                                """
                                        .formatted(began))
                        .stream()
                        .map(Long::valueOf)
                        .toList();
        assertThat(millis).hasSize(20);
        long slowest = millis.get(millis.size() - 1);
        System.out.printf(
                "%d waits in the vault after %d ms (median), %d ms (slowest)%n",
                millis.size(), millis.get(millis.size() / 2), slowest);
        assertThat(millis.get(0)).isNotNegative();
        assertThat(slowest).isLessThan(MOST_MILLIS);
    }

    @Test
    @Order(4)
    void aFailureDoublesNothing() throws Exception {
        vault.await(
                "calm",
                "SELECT bool_and(is_closed) FROM blocking_session_s WHERE load_end_date IS NULL");
        long incidents = number("SELECT count(*) FROM blocking_session_h");
        long waits = number("SELECT count(*) FROM lock_activity_h");
        long deadlocks = number("SELECT count(*) FROM deadlock_event_h");
        try (Connection root = transaction(USER_A);
                Connection first = transaction(USER_A);
                Connection second = transaction(USER_A)) {
            update(root, 2);
            CompletableFuture<String> one = start(first, 2);
            vault.await("the incident", openVictims(1));
            long checkpoint = checkpoint();
            WatchedServer.await("a checkpoint of it", () -> checkpoint() >= checkpoint + 3);
            FAIL.set(true);
            CompletableFuture<String> two = start(second, 2);
            WatchedServer.await("the failure", () -> !FAIL.get());
            long before = checkpoint();
            WatchedServer.await("the job to run again", () -> checkpoint() >= before + 2);
            vault.await("both victims", openVictims(2));
            vault.await(
                    "both waits",
                    "SELECT count(*) = 2 FROM lock_activity_s WHERE load_end_date IS NULL AND NOT"
                            + " is_closed");
            root.commit();
            CompletableFuture.anyOf(one, two).get(60, TimeUnit.SECONDS);
            (one.isDone() ? first : second).commit();
            CompletableFuture.allOf(one, two).get(60, TimeUnit.SECONDS);
            first.commit();
            second.commit();
        }
        vault.await(
                "the end",
                "SELECT bool_and(is_closed) FROM blocking_session_s WHERE load_end_date IS NULL");
        vault.await(
                "the ends of the waits",
                "SELECT bool_and(is_closed) FROM lock_activity_s WHERE load_end_date IS NULL");
        assertThat(number("SELECT count(*) FROM blocking_session_h")).isEqualTo(incidents + 1);
        // Who is left of the two may have to wait for the other.
        assertThat(number("SELECT count(*) FROM lock_activity_h")).isBetween(waits + 2, waits + 3);
        assertThat(number("SELECT count(*) FROM deadlock_event_h")).isEqualTo(deadlocks);
        for (String thing : List.of("lock_activity", "blocking_session", "deadlock_event")) {
            assertThat(
                            rows(
                                    """
                                    SELECT count(*) FROM (
                                        SELECT FROM %1$s_s GROUP BY %1$s_hk
                                        HAVING count(*) FILTER (WHERE load_end_date IS NULL) <> 1
                                            OR count(*) FILTER (WHERE is_closed) <> 1) broken
                                    """
                                            .formatted(thing)))
                    .as("%s open or closed twice", thing)
                    .containsExactly("0");
        }
    }

    @Test
    @Order(5)
    void noPersonAddressOrLiteralIsInTheVault() throws Exception {
        for (String table : tables()) {
            for (String marker : MARKERS) {
                assertThat(
                                rows(
                                        "SELECT t::text FROM "
                                                + table
                                                + " t WHERE t::text LIKE '%"
                                                + marker
                                                + "%'"))
                        .as("%s in %s", marker, table)
                        .isEmpty();
            }
        }
        assertThat(rows("SELECT count(*) > 0 FROM blocking_session_s WHERE current_query IS NULL"))
                .containsExactly("f");
        for (String kept :
                List.of(
                        "blocking_session_s WHERE recommended_action <> ''",
                        "blocking_session_s WHERE client_hash IS NOT NULL",
                        "lock_resolution_s WHERE decision_reason <> ''",
                        "lock_activity_s WHERE username_hash IS NOT NULL",
                        "deadlock_event_s WHERE cycle::text LIKE '%user_hash%'")) {
            assertThat(number("SELECT count(*) FROM " + kept)).as(kept).isPositive();
        }
        assertThat(rows("SELECT relation || ': ' || reason FROM monitoring.dead_letter")).isEmpty();
    }

    private static Connection transaction(String user) throws SQLException {
        Connection connection = watched.connect("postgres", user, "");
        connection.setAutoCommit(false);
        return connection;
    }

    private static String sql(int row) {
        return "UPDATE item SET note = 'z1teral' || " + row + " WHERE id = " + row;
    }

    private static void update(Connection connection, int row) {
        assertThat(WatchedServer.run(connection, sql(row))).isEmpty();
    }

    private static CompletableFuture<String> start(Connection connection, int row) {
        return CompletableFuture.supplyAsync(
                () -> WatchedServer.run(connection, sql(row)), threads);
    }

    private static void terminate(int pid) {
        watched.execute("postgres", "SELECT pg_terminate_backend(" + pid + ")");
    }

    private static String openVictims(int count) {
        return "SELECT count(*) = 1 AND bool_and(victim_count = "
                + count
                + ") FROM blocking_session_s WHERE load_end_date IS NULL AND NOT is_closed";
    }

    /** The latest that was begun. */
    private static long checkpoint() throws Exception {
        try (Stream<Path> files = Files.walk(work.resolve("checkpoints"), 2)) {
            return files.map(path -> CHECKPOINT.matcher(path.getFileName().toString()))
                    .filter(Matcher::matches)
                    .mapToLong(match -> Long.parseLong(match.group(1)))
                    .max()
                    .orElse(0);
        }
    }

    private static List<String> tables() throws SQLException {
        List<String> tables =
                rows(
                        """
                        SELECT relname FROM pg_class
                        WHERE relnamespace = 'lock_monitoring'::regnamespace AND relkind IN ('r', 'p')
                            AND NOT relispartition
                        """);
        assertThat(tables).hasSizeGreaterThan(10);
        return tables;
    }

    private static long number(String sql) throws SQLException {
        return Long.parseLong(rows(sql).get(0));
    }

    private static List<String> rows(String sql) throws SQLException {
        try (Connection connection = vault.connect()) {
            return rows(connection, sql);
        }
    }

    private static List<String> asReader(String tenant, String sql) throws SQLException {
        try (Connection connection = vault.connect("reader_user", "")) {
            rows(
                    connection,
                    "SELECT set_config('app.current_tenant_id', encode(util.hash_binary('"
                            + tenant
                            + "'), 'hex'), false)");
            return rows(connection, sql);
        }
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
        connection.setSchema("lock_monitoring");
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            int width = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                StringJoiner row = new StringJoiner("|");
                for (int c = 1; c <= width; c++) {
                    row.add(rows.getString(c));
                }
                found.add(row.toString());
            }
            return found;
        }
    }
}
