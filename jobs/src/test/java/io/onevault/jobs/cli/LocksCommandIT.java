package io.onevault.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.embedded.postgres.PostgresServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** The command {@code locks} before real contention. */
class LocksCommandIT {

    private static PostgresServer server;

    private Connection root;
    private Connection middle;
    private Connection last;
    private CompletableFuture<Void> middleWaits;
    private CompletableFuture<Void> lastWaits;

    private record Ended(int code, String out, String err) {}

    @BeforeAll
    static void start() throws Exception {
        server =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("deadlock_timeout", "10min")
                        .start();
        server.execute(
                "postgres",
                "CREATE TABLE orders (id int PRIMARY KEY, note text)",
                "INSERT INTO orders VALUES (1, ''), (2, '')",
                "CREATE ROLE shop LOGIN",
                "GRANT ALL ON orders TO shop",
                "CREATE ROLE watcher LOGIN PASSWORD 'right' IN ROLE pg_monitor",
                "CREATE ROLE stranger LOGIN");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** A session idle in its transaction, one behind it, and one behind that. */
    @BeforeEach
    void contend() throws Exception {
        root = session("checkout");
        middle = session("billing\u202E");
        last = session("reports");
        run(root, "UPDATE orders SET note = 'secret' WHERE id = 1");
        run(middle, "UPDATE orders SET note = 'secret' WHERE id = 2");
        middleWaits = startAndWait(middle, "DELETE FROM orders WHERE id = 1 AND note <> 'secret'");
        lastWaits = startAndWait(last, "SELECT * FROM orders WHERE id = 2 FOR UPDATE");
    }

    @AfterEach
    void settle() throws Exception {
        root.rollback();
        middleWaits.get(30, TimeUnit.SECONDS);
        middle.rollback();
        lastWaits.get(30, TimeUnit.SECONDS);
        for (Connection connection : List.of(root, middle, last)) {
            connection.close();
        }
    }

    @Test
    void treeBeginsWithTheRootAndIndentsWhoWaits() throws Exception {
        Ended ended = locks("--user", "watcher");

        assertThat(ended.err()).isEmpty();
        assertThat(ended.code()).isZero();
        List<String> lines = ended.out().lines().toList();
        assertThat(lines.get(0)).startsWith("PostgreSQL 18.").contains("/postgres", "UTC");
        assertThat(lines.get(1)).startsWith("2 sessions wait").contains("1 root blocker");
        assertThat(lines.get(3))
                .startsWith(pid(root) + "  idle in transaction for ")
                .contains("blocks 2, 2 deep", "shop · checkout");
        assertThat(lines.get(4)).contains("last: UPDATE orders SET note = ? WHERE id = ?");
        assertThat(lines.get(5))
                .startsWith("└─ " + pid(middle) + "  waits ")
                .contains("ShareLock on transaction ", "row (0,1) of public.orders", "billing");
        assertThat(lines.get(6)).contains("DELETE FROM orders WHERE id = ? AND note <> ?");
        assertThat(lines.get(7)).startsWith("   └─ " + pid(last) + "  waits ");
        assertThat(ended.out()).doesNotContain("secret", "\u202E", "\u001B");
    }

    @Test
    void jsonHasTheKeysThatScriptsRelyOn() throws Exception {
        JsonNode json = json(locks("--user", "watcher", "--json"));

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "captured_at", "server_version", "waiters", "edges", "chains", "cycles");
        assertThat(Duration.between(Instant.parse(json.get("captured_at").asText()), Instant.now()))
                .isLessThan(Duration.ofMinutes(1));
        assertThat(json.get("server_version").asText()).startsWith("18.");
        assertThat(json.get("waiters").asInt()).isEqualTo(2);
        assertThat(json.get("cycles")).isEmpty();
        assertThat(json.get("edges").toString())
                .isIn(
                        "[" + edge(middle, root) + "," + edge(last, middle) + "]",
                        "[" + edge(last, middle) + "," + edge(middle, root) + "]");
        JsonNode chain = json.get("chains").get(0);
        assertThat(json.get("chains")).hasSize(1);
        assertThat(chain.fieldNames())
                .toIterable()
                .containsExactly(
                        "root", "root_state", "depth", "victims", "longest_wait_seconds", "tree");
        assertThat(chain.get("root").asInt()).isEqualTo(pid(root));
        assertThat(chain.get("root_state").asText()).isEqualTo("idle in transaction");
        assertThat(chain.get("depth").asInt()).isEqualTo(2);
        assertThat(chain.get("victims")).hasSize(2);
        assertThat(chain.get("longest_wait_seconds").asDouble()).isBetween(0.0, 60.0);
        JsonNode tree = chain.get("tree");
        assertThat(tree.fieldNames())
                .toIterable()
                .containsExactly(
                        "pid",
                        "waits_for_lock",
                        "query_fingerprint",
                        "user",
                        "application",
                        "children");
        assertThat(tree.get("waits_for_lock").isNull()).isTrue();
        assertThat(tree.get("query_fingerprint").asText()).hasSize(16);
        assertThat(tree.get("user").asText()).isEqualTo("shop");
        assertThat(tree.get("application").asText()).isEqualTo("checkout");
        JsonNode child = tree.get("children").get(0);
        assertThat(child.get("pid").asInt()).isEqualTo(pid(middle));
        assertThat(child.get("waits_for_lock").asText()).startsWith("ShareLock on transaction ");
        assertThat(child.get("children").get(0).get("pid").asInt()).isEqualTo(pid(last));
        assertThat(child.get("children").get(0).get("children")).isEmpty();
    }

    @Test
    void deadlocksAreShownWhileTheyLast() throws Exception {
        try (Connection one = session("one");
                Connection other = session("other")) {
            run(one, "SELECT pg_advisory_xact_lock(5)");
            run(other, "SELECT pg_advisory_xact_lock(-7, 6)");
            CompletableFuture<Void> waits =
                    startAndWait(one, "SELECT pg_advisory_xact_lock(-7, 6)");
            CompletableFuture<Void> waitsToo =
                    startAndWait(other, "SELECT pg_advisory_xact_lock(5)");

            Ended text = locks("--user", "watcher");
            JsonNode json = json(locks("--user", "watcher", "--json"));

            int first = Math.min(pid(one), pid(other));
            int second = Math.max(pid(one), pid(other));
            assertThat(text.out())
                    .contains(
                            "1 deadlock.",
                            "Deadlock " + first + " → " + second + " → " + first,
                            "advisory keys -7, 6",
                            "advisory key 5");
            assertThat(json.get("cycles").toString()).isEqualTo("[[" + first + "," + second + "]]");
            server.execute("postgres", "SELECT pg_cancel_backend(" + second + ")");
            CompletableFuture.anyOf(waits, waitsToo)
                    .exceptionally(e -> null)
                    .get(30, TimeUnit.SECONDS);
            one.rollback();
            other.rollback();
        }
    }

    @Test
    void withoutPrivilegeTheTreeStandsAndTheGapIsNamed() throws Exception {
        Ended ended = locks("--user", "stranger");

        assertThat(ended.code()).isZero();
        assertThat(ended.err()).startsWith("Warning: ").contains("GRANT pg_monitor");
        assertThat(ended.out())
                .contains(pid(root) + "  state unknown", "└─ " + pid(middle) + "  waits ")
                .doesNotContain("UPDATE");
    }

    @Test
    void watchingSurvivesALostConnection() throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Thread watching =
                new Thread(
                        () ->
                                OneVault.run(
                                        new PrintWriter(out),
                                        new PrintWriter(err),
                                        name -> null,
                                        "locks",
                                        "--url",
                                        server.jdbcUrl("postgres"),
                                        "--user",
                                        "watcher",
                                        "--json",
                                        "--watch",
                                        "0.1"));
        watching.start();
        until(() -> out.toString().lines().count() >= 2);
        server.execute(
                "postgres",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        + " WHERE application_name = 'onevault-locks'");
        until(() -> err.toString().contains("Warning: "));
        long before = out.toString().lines().count();
        until(() -> out.toString().lines().count() >= before + 2);
        watching.interrupt();
        watching.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(watching.isAlive()).isFalse();
        for (String line : out.toString().lines().toList()) {
            assertThat(new ObjectMapper().readTree(line).get("waiters").asInt()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres|nobody|role \"nobody\" does not exist",
                "missing|watcher|does not exist",
            })
    void whatLeadsToNoServerIsBadInput(String line) {
        String[] parts = line.split("\\|");
        Ended ended = run(Map.of(), "locks", "--url", server.jdbcUrl(parts[0]), "--user", parts[1]);
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).contains(parts[2]).hasLineCount(1);
    }

    @Test
    void passwordsComeFromTheEnvironment() throws Exception {
        try (PostgresServer strict =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("password_encryption", "scram-sha-256")
                        .start()) {
            strict.execute(
                    "postgres", "CREATE ROLE watcher LOGIN PASSWORD 'right' IN ROLE pg_monitor");
            Files.writeString(
                    strict.directory().resolve("data").resolve("pg_hba.conf"),
                    "host all watcher all scram-sha-256\nhost all all all trust\n");
            strict.execute("postgres", "SELECT pg_reload_conf()");
            String[] line = {
                "locks", "--url", strict.jdbcUrl("postgres") + "?user=watcher&connectTimeout=5"
            };
            until(() -> run(Map.of(), line).code() == 2);
            Ended without = run(Map.of(), line);
            assertThat(without.err()).contains("password").contains("PGPASSWORD");
            Ended wrong = run(Map.of("PGPASSWORD", "wr0ng"), line);
            assertThat(wrong.code()).isEqualTo(2);
            assertThat(wrong.err()).contains("password", "refused").doesNotContain("wr0ng");
            Ended right = run(Map.of("PGPASSWORD", "right"), line);
            assertThat(right.code()).isZero();
            assertThat(right.out()).contains("Nobody waits for a lock.");
        }
    }

    private static String edge(Connection waiter, Connection blocker) throws SQLException {
        return "{\"waiter\":"
                + pid(waiter)
                + ",\"blocker\":"
                + pid(blocker)
                + ",\"kind\":\"hard\"}";
    }

    private static JsonNode json(Ended ended) throws Exception {
        assertThat(ended.err()).isEmpty();
        assertThat(ended.code()).isZero();
        assertThat(ended.out()).hasLineCount(1);
        return new ObjectMapper().readTree(ended.out());
    }

    private static Ended locks(String... arguments) {
        String[] line = new String[arguments.length + 3];
        line[0] = "locks";
        line[1] = "--url";
        line[2] = server.jdbcUrl("postgres");
        System.arraycopy(arguments, 0, line, 3, arguments.length);
        return run(Map.of(), line);
    }

    private static Ended run(Map<String, String> environment, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                OneVault.run(
                        new PrintWriter(out), new PrintWriter(err), environment::get, arguments);
        return new Ended(code, out.toString(), err.toString());
    }

    private static Connection session(String application) throws SQLException {
        Connection connection = DriverManager.getConnection(server.jdbcUrl("postgres"), "shop", "");
        run(connection, "SET application_name = '" + application + "'");
        connection.setAutoCommit(false);
        return connection;
    }

    private static int pid(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class).getBackendPID();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static CompletableFuture<Void> startAndWait(Connection connection, String sql)
            throws Exception {
        CompletableFuture<Void> running =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                run(connection, sql);
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        task -> new Thread(task).start());
        int pid = pid(connection);
        try (Connection observer = server.connect("postgres");
                Statement statement = observer.createStatement()) {
            until(
                    () -> {
                        try (ResultSet row =
                                statement.executeQuery(
                                        "SELECT FROM pg_stat_activity WHERE wait_event_type ="
                                                + " 'Lock' AND pid = "
                                                + pid)) {
                            return row.next();
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    });
        }
        return running;
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }
}
