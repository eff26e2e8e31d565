package io.onevault.jobs.alerts.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.HttpReceiver;
import io.onevault.jobs.testing.MailReceiver;
import io.onevault.jobs.testing.MailReceiver.Mail;
import io.onevault.jobs.testing.PgBouncer;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What people hear of real servers, by webhook, Slack and mail, from one job with the rules as they
 * are deployed and a few more. Escalation takes a minute at least: its alerts fire first and are
 * looked at last.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ToldEndToEndIT {

    private static final String SHOP = "shop";
    private static final String ROOT = "checkout <b>'{{x}}%s|=";
    private static final String ROLE = "ro<l>e'\r\nBcc: evil@example.org";
    private static final int LONGEST_LABEL = 200;

    /** By value, for each is what a table holds, and the tenant as well. */
    private static final List<String> HOSTILE =
            List.of(
                    "<script>alert(1)</script>&amp;\"'`",
                    "line\r\nBcc: evil@example.org\r\nX-Injected: yes\r\n\r\nbody",
                    "\u001b[2J\u001b[31mred\u001b]0;title\u0007",
                    "%s%n%x {{name}} ${jndi:ldap://127.0.0.1/x} {alert_id}",
                    "'; DROP TABLE monitoring.alert_instance_s; --",
                    "|=\\|a=b\\",
                    "\u202eevil\u2066\ufeff \ud83d\ude00",
                    "x".repeat(1_000_000));

    private static final Set<String> HEADERS =
            Set.of(
                    "Received",
                    "Date",
                    "From",
                    "To",
                    "Message-ID",
                    "In-Reply-To",
                    "References",
                    "Subject",
                    "MIME-Version",
                    "Content-Type",
                    "Auto-Submitted",
                    "X-Auto-Response-Suppress",
                    "X-OneVault-Idempotency-Key");

    @TempDir static Path work;

    private static TestVault vault;
    private static PostgresServer watched;
    private static @Nullable PgBouncer pool;
    private static HttpReceiver receiver;
    private static MailReceiver mail;
    private static LocalFlink flink;
    private static JobID job;
    private static ExecutorService threads;
    private static long escalating;

    @BeforeAll
    static void start() throws Exception {
        threads = Executors.newCachedThreadPool();
        receiver = HttpReceiver.polite();
        mail = MailReceiver.start();
        startServers();
        vault = TestVault.start();
        rule(
                "escalated",
                "'reading'",
                "escalated",
                "warning_threshold, group_by, escalation_rules," + " notification_channels",
                "10, '{name}', '[{\"after_minutes\": 0, \"channels\": [\"second\"]},"
                        + " {\"after_minutes\": 1, \"channels\": [\"third\"]}]', '{first}'");
        rule(
                "hostile",
                "'reading'",
                "hostile",
                "warning_threshold, alert_description, runbook",
                "10, E'<img src=x onerror=alert(1)>\\r\\nTo: evil@example.org', '{{x}} %s'");
        rule(
                "hostile role",
                "'sessions_by_user'",
                "",
                "warning_threshold, label_matchers",
                "1, '{\"user\": \"ro<l>e[^z]*\"}'");
        rule(
                "gone",
                "'reading'",
                "watched",
                "condition_type, condition_parameters",
                "'ABSENCE', '{\"absent_seconds\": 3}'");
        vault.hearRules();
        flink = LocalFlink.start(work.resolve("flink"));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(env, config());
        job = flink.submit(env);
        beginEscalation();
    }

    private static void startServers() throws Exception {
        watched =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("deadlock_timeout", "1s")
                        .start();
        watched.createDatabase(SHOP);
        watched.execute(
                "postgres",
                "CREATE ROLE collector LOGIN PASSWORD 'secret' IN ROLE pg_monitor",
                "CREATE ROLE web LOGIN SUPERUSER",
                "CREATE ROLE \"" + ROLE + "\" LOGIN",
                "CREATE DATABASE raw ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C'"
                        + " LC_CTYPE 'C'");
        for (String database : List.of(SHOP, "raw")) {
            watched.execute(
                    database,
                    "CREATE TABLE readings (kind text, who text, name text, amount float8)",
                    "GRANT SELECT ON readings TO collector",
                    "CREATE TABLE \"or\"\"d<i>er\r\nBcc: x\" (id int PRIMARY KEY, n int)",
                    "INSERT INTO \"or\"\"d<i>er\r\nBcc: x\" SELECT i, 0 FROM generate_series(1, 9)"
                            + " i",
                    "INSERT INTO readings VALUES ('watched', '', 'one', 1)");
        }
        Path polls = Files.createDirectories(work.resolve("polls/readings"));
        Files.writeString(
                polls.resolve("any.sql"),
                """
                -- What did people write down?
                --
                -- poll: readings
                -- interval: 500ms
                -- metric: reading | gauge | count | PERFORMANCE | A number

                SELECT clock_timestamp() AS measured_at, who AS tenant, kind AS label_kind,
                       name AS label_name, amount AS reading
                FROM public.readings;
                """);
        if (PgBouncer.program().isPresent()) {
            pool = PgBouncer.start(work, watched.port(), SHOP, List.of("collector", "web"));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        threads.shutdownNow();
        flink.cancel(job);
        flink.close();
        if (pool != null) {
            pool.close();
        }
        watched.close();
        vault.close();
        mail.close();
        receiver.close();
    }

    /** Two alerts for themselves, one of which somebody takes note of. */
    private static void beginEscalation() throws Exception {
        for (String name : List.of("one", "two")) {
            write(SHOP, "escalated", "", name, 20);
            Until.holds(
                    "the first message of " + name,
                    () ->
                            heard("/first", "firing").contains(name)
                                    && heard("/second", "firing").contains(name));
        }
        escalating = System.nanoTime();
        String one =
                " FROM monitoring.open_alerts WHERE rule_name = 'escalated' AND labels ->> 'name' ="
                        + " 'one'";
        vault.await("the alert's row", "SELECT count(*) = 1" + one);
        vault.execute(
                "INSERT INTO monitoring.alert_acknowledgement_s (alert_instance_hk, hash_diff,"
                        + " acknowledged_by) SELECT decode(alert_id, 'hex'), '\\x01', 'ann'"
                        + one);
        Until.holds(
                "the message of the note",
                () ->
                        heard("/first", "acknowledged").equals(List.of("one"))
                                && heard("/second", "acknowledged").equals(List.of("one")));
    }

    @Test
    @Order(1)
    void hostileTextIsStoredAndShownAsText() throws Exception {
        for (String text : HOSTILE) {
            write(SHOP, "hostile", text, text, 20);
        }
        watched.execute(
                "raw",
                "INSERT INTO readings VALUES ('hostile', '', 'bad' || chr(200) || chr(255), 20)");
        int all = HOSTILE.size() + 1;
        Predicate<String> hostile = rule -> rule.startsWith("hostile");
        try (Connection session = watched.connect(SHOP, ROLE, "")) {
            assertThat(session.isValid(5)).isTrue();
            Until.holds("the messages that they fire", () -> told("firing", hostile).size() > all);
        }
        for (String database : List.of(SHOP, "raw")) {
            watched.execute(database, "UPDATE readings SET amount = 0 WHERE kind = 'hostile'");
        }
        Until.holds(
                "the messages that they are over",
                () -> told("resolved", "hostile"::equals).size() == all);
        Until.holds(
                () -> "what became of them, which is " + outcomes(),
                () -> outcomes().equals(delivered(2 * all)));

        List<String> wanted = new ArrayList<>(HOSTILE);
        wanted.add("bad\u00c8\u00ff");
        wanted.replaceAll(text -> text.substring(0, Math.min(LONGEST_LABEL, text.length())));
        assertThat(
                        vault.texts(
                                "SELECT labels ->> 'name' FROM alert_instance_s WHERE alert_status"
                                        + " = 'RESOLVED' AND additional_context ->> 'rule_name' ="
                                        + " 'hostile'"))
                .containsExactlyInAnyOrderElementsOf(wanted);
        assertThat(vault.number("SELECT count(*) FROM dead_letter")).isZero();
        assertThatItIsShownAsText();
        assertThatMailsHaveNoFurtherHeader(2 * all);
    }

    private static List<String> outcomes() {
        try {
            return vault.texts(
                    """
                    SELECT concat_ws(' ', channel_name, delivery_status, count(*)) FROM
                        (SELECT DISTINCT n.notification_log_hk, n.channel_name, n.delivery_status
                         FROM notification_log_s n
                         JOIN alert_notification_l USING (notification_log_hk)
                         JOIN alert_instance_s a USING (alert_instance_hk)
                         WHERE n.load_end_date IS NULL
                             AND a.additional_context ->> 'rule_name' = 'hostile') told
                    GROUP BY channel_name, delivery_status ORDER BY 1
                    """);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> delivered(int each) {
        return List.of(
                "hook DELIVERED " + each, "mail DELIVERED " + each, "slack DELIVERED " + each);
    }

    private static void assertThatItIsShownAsText() {
        List<JsonNode> messages = new ArrayList<>(receiver.messages("/hook"));
        assertThat(messages.stream().map(one -> one.path("where").path("labels").path("name")))
                .anyMatch(name -> name.asText().equals(HOSTILE.get(0)))
                .anyMatch(name -> name.asText().equals(HOSTILE.get(3)))
                .anyMatch(name -> name.asText().equals("bad\u00c8\u00ff"));
        messages.addAll(receiver.messages("/slack"));
        for (JsonNode message : messages) {
            assertThat(texts(message))
                    .isNotEmpty()
                    .allMatch(text -> text.codePoints().noneMatch(ToldEndToEndIT::isHidden));
        }
        for (JsonNode message : receiver.messages("/slack")) {
            assertThat(texts(message))
                    .noneMatch(text -> text.contains("<script") || text.contains("<img"));
        }
    }

    private static boolean isHidden(int point) {
        return Character.isISOControl(point)
                || point == 0x202e
                || point == 0x2066
                || point == 0xfeff;
    }

    private static void assertThatMailsHaveNoFurtherHeader(int atLeast) throws Exception {
        assertThat(mail.mails()).hasSizeGreaterThanOrEqualTo(atLeast);
        for (Mail one : mail.mails()) {
            assertThat(one.headers()).isSubsetOf(HEADERS);
            assertThat(one.to()).isEqualTo("oncall@example.org");
            assertThat(one.parsed().getAllRecipients()).hasSize(1);
            assertThat(one.subject().codePoints()).noneMatch(ToldEndToEndIT::isHidden);
            assertThat(one.part(1).toLowerCase(Locale.ROOT))
                    .doesNotContain("<script", "<img", "<b>'", "<i>er", "<l>");
        }
        assertThat(mail.mails())
                .anyMatch(one -> holds(one, 1, "&lt;script&gt;"))
                .anyMatch(one -> holds(one, 0, "<script>alert(1)</script>"));
    }

    private static boolean holds(Mail one, int part, String text) {
        try {
            return one.part(part).contains(text);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** With the rules as they are deployed: who blocks is told, and what follows from it is not. */
    @Test
    @Order(2)
    void aRootBlockerIsToldAndItsSymptomsAreNot() throws Exception {
        assumeTrue(pool != null, "pgbouncer is not installed");
        PgBouncer before = pool;
        List<Connection> sessions = new ArrayList<>();
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        try (Connection root = session(ROOT);
                Connection second = session("batch")) {
            List<Connection> clients = new ArrayList<>();
            for (int client = 0; client < 3 && before != null; client++) {
                clients.add(before.connect("web"));
            }
            sessions.addAll(clients);
            run(root, update(1));
            for (Connection client : clients) {
                waiting.add(wait(client, 1));
            }
            for (int victim = 0; victim < 6; victim++) {
                sessions.add(session("web"));
                waiting.add(wait(sessions.get(sessions.size() - 1), 1));
            }
            vault.await("the root's alert", open("session blocks others", ROOT, "FIRING", 1));
            run(second, update(2));
            for (int victim = 0; victim < 12; victim++) {
                sessions.add(session("web"));
                waiting.add(wait(sessions.get(sessions.size() - 1), 2));
            }
            vault.await("the other root's", open("session blocks many", "batch", "FIRING", 1));
            String bySecond = open("session blocks others", "batch", "SUPPRESSED", 1);
            vault.await("what it explains", bySecond);
            vault.await("the symptoms", SYMPTOMS);
            vault.await("the root saying so", SAYS_SO);
            root.commit();
            second.commit();
            for (CompletableFuture<Void> one : waiting) {
                one.get(30, TimeUnit.SECONDS);
            }
            Until.holds(
                    "the messages that it is over",
                    () -> told("resolved", ToldEndToEndIT::isAboutLocks).size() == 2);
            vault.await(
                    "the end of all",
                    "SELECT count(*) = 0 FROM open_alerts WHERE target_name LIKE 'shop%' AND"
                            + " rule_name NOT IN ('escalated', 'hostile role')");
        } finally {
            for (Connection session : sessions) {
                session.close();
            }
        }
        assertThat(told("firing", ToldEndToEndIT::isAboutLocks))
                .extracting(
                        one -> one.path("rule").asText(),
                        one -> one.path("where").path("labels").path("application").asText())
                .containsExactlyInAnyOrder(
                        tuple("session blocks others", ROOT),
                        tuple("session blocks many", "batch"));
        assertThatItIsShownAsText();
        assertThatMailsHaveNoFurtherHeader(4);
    }

    private static final String SYMPTOMS =
            """
            SELECT count(DISTINCT symptom.rule_name) = 4 FROM open_alerts symptom
            JOIN open_alerts cause ON cause.alert_id = symptom.explained_by
            WHERE symptom.status = 'SUPPRESSED' AND NOT symptom.was_told
                AND cause.target_name = 'shop' AND cause.rule_name = 'session blocks others'
                AND (symptom.target_name, symptom.rule_name) IN (('shop', 'sessions blocked'),
                    ('shop', 'long wait for a lock'), ('shop-pool', 'clients wait for the pool'),
                    ('shop-pool', 'long wait for the pool'))
            """;

    private static final String SAYS_SO =
            """
            SELECT count(*) = 1 FROM open_alerts WHERE target_name = 'shop'
                AND rule_name = 'session blocks others' AND status = 'FIRING'
                AND message ~ '; explains [0-9]+ others: '
                AND message LIKE '%long wait for a lock%' AND message LIKE '%sessions blocked%'
                AND message LIKE '%clients wait for the pool%'
                AND message LIKE '%long wait for the pool%'
            """;

    private static boolean isAboutLocks(String rule) {
        return !rule.startsWith("hostile") && !rule.equals("gone");
    }

    private static String open(String rule, String application, String status, int count) {
        return ("SELECT count(*) = %d FROM open_alerts WHERE target_name = 'shop' AND rule_name ="
                        + " '%s' AND labels ->> 'application' = '%s' AND status = '%s'")
                .formatted(count, rule, application.replace("'", "''"), status);
    }

    @Test
    @Order(3)
    void aSeriesThatIsGoneIsToldUntilItIsBack() throws Exception {
        watched.execute(SHOP, "DELETE FROM readings WHERE kind = 'watched'");
        Until.holds("the message", () -> told("firing", "gone"::equals).size() == 1);
        assertThat(told("firing", "gone"::equals).get(0).path("what").asText())
                .matches("reading.* on shop has no value for [0-9.]+ s.*");
        write(SHOP, "watched", "", "one", 1);
        Until.holds("its end", () -> told("resolved", "gone"::equals).size() == 1);
    }

    @Test
    @Order(4)
    void aNoteStopsEscalation() throws Exception {
        Until.holds("the escalation", () -> !heard("/third", "firing").isEmpty());
        System.out.printf(
                "Escalated %d ms after the first message%n", Until.millisSince(escalating));
        watched.execute(SHOP, "UPDATE readings SET amount = 0 WHERE kind = 'escalated'");
        for (String path : List.of("/first", "/second")) {
            Until.holds("the ends", () -> heard(path, "resolved").size() == 2);
        }
        Until.holds("the end there too", () -> !heard("/third", "resolved").isEmpty());

        assertThat(heard("/third", "firing")).containsExactly("two");
        assertThat(receiver.messages("/third")).hasSize(2);
        for (String path : List.of("/first", "/second")) {
            assertThat(heard(path, "firing"))
                    .as("escalation alone is no news for who was told")
                    .containsExactly("one", "two");
        }
    }

    /** Names of the readings that were told on a path. */
    private static List<String> heard(String path, String status) {
        return receiver.messages(path).stream()
                .filter(one -> one.path("status").asText().equals(status))
                .map(one -> one.path("where").path("labels").path("name").asText())
                .toList();
    }

    /** What the webhook for all was told of the shop, or of readings elsewhere. */
    private static List<JsonNode> told(String status, Predicate<String> rule) {
        return receiver.messages("/hook").stream()
                .filter(one -> one.path("status").asText().equals(status))
                .filter(one -> rule.test(one.path("rule").asText()))
                .filter(
                        one ->
                                one.path("where").path("target").asText().startsWith(SHOP)
                                        || one.path("rule").asText().equals("hostile"))
                .toList();
    }

    private static List<String> texts(JsonNode node) {
        if (node.isTextual()) {
            return List.of(node.asText());
        }
        List<String> texts = new ArrayList<>();
        node.fieldNames().forEachRemaining(texts::add);
        node.forEach(child -> texts.addAll(texts(child)));
        return texts;
    }

    /** On readings of a kind, unless that is empty. */
    private static void rule(
            String name, String metric, String kind, String columns, String values) {
        String matchers = kind.isEmpty() ? "" : ", label_matchers";
        String matched = kind.isEmpty() ? "" : ", '{\"kind\": \"" + kind + "\"}'";
        vault.execute(
                ("INSERT INTO monitoring.alert_configuration_h (alert_configuration_hk,"
                                + " alert_configuration_bk) VALUES (util.hash_binary('%1$s'),"
                                + " '%1$s')")
                        .formatted(name),
                "INSERT INTO monitoring.alert_configuration_s (alert_configuration_hk, hash_diff,"
                        + " alert_name, metric_pattern, "
                        + columns
                        + matchers
                        + ") VALUES (util.hash_binary('"
                        + name
                        + "'), '\\x01', '"
                        + name
                        + "', "
                        + metric
                        + ", "
                        + values
                        + matched
                        + ")");
    }

    private static void write(String database, String kind, String who, String name, double amount)
            throws SQLException {
        try (Connection connection = watched.connect(database);
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO readings VALUES (?, ?, ?, ?)")) {
            insert.setString(1, kind);
            insert.setString(2, who);
            insert.setString(3, name);
            insert.setDouble(4, amount);
            insert.execute();
        }
    }

    private static Connection session(String application) throws SQLException {
        Connection connection = watched.connect(SHOP);
        connection.setClientInfo("ApplicationName", application);
        connection.setAutoCommit(false);
        return connection;
    }

    private static String update(int id) {
        return "UPDATE \"or\"\"d<i>er\r\nBcc: x\" SET n = n + 1 WHERE id = " + id;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Updates a row in a transaction of its own. */
    private static CompletableFuture<Void> wait(Connection connection, int id) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        run(connection, update(id));
                        if (!connection.getAutoCommit()) {
                            connection.commit();
                        }
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                threads);
    }

    private static OneVaultConfig config() throws Exception {
        StringBuilder channels = new StringBuilder();
        for (String name : List.of("hook", "first", "second", "third")) {
            channels.append(
                    "    - {name: %1$s, type: webhook, secret: 0123456789abcdef, url: \"http://127.0.0.1:%2$d/%1$s\", rate_per_minute: 6000}\n"
                            .formatted(name, receiver.port()));
        }
        String pooled =
                pool == null
                        ? ""
                        : "  - {name: shop-pool, kind: pgbouncer, url: \"%s\", user: collector}\n"
                                .formatted(pool.consoleUrl());
        Path file =
                Files.writeString(
                        work.resolve("onevault.yaml"),
                        """
                        vault: {url: "%s", user: pipeline, password: secret}
                        targets:
                          - {name: shop, url: "%s", user: collector, password: secret}
                          - {name: raw, url: "%s", user: collector, password: secret}
                        %spolling:
                          catalogue_directory: "%s"
                          intervals: {activity: 1s, target: 1s, locks: 1s, pgbouncer_pools: 1s}
                        windows: {size: 5s}
                        locks: {log: false}
                        alerts:
                          group_wait: 100ms
                          group_interval: 100ms
                          default: [hook, slack, mail]
                        %s  channels:
                        %s    - {name: slack, type: slack, url: "http://127.0.0.1:%d/slack",
                               rate_per_minute: 6000}
                            - {name: mail, type: email, host: 127.0.0.1, port: %d, security: none,
                               from: ours@example.org, to: [oncall@example.org],
                               rate_per_minute: 6000}
                        job:
                          capabilities: [metrics, locks, alerts]
                          parallelism: 2
                          checkpoint_interval: 1s
                        """
                                .formatted(
                                        vault.jdbcUrl(),
                                        watched.jdbcUrl(SHOP),
                                        watched.jdbcUrl("raw"),
                                        pooled,
                                        work.resolve("polls"),
                                        pool == null ? "" : "  together: {shop-pool: shop}\n",
                                        channels,
                                        receiver.port(),
                                        mail.port()));
        return OneVaultConfig.read(file);
    }
}
