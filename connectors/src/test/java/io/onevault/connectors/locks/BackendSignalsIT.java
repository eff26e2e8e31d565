package io.onevault.connectors.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.locks.SignalRequest.Signal;
import io.onevault.connectors.locks.SignalRequest.Waiter;
import io.onevault.connectors.locks.SignalResult.Outcome;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.SessionLimits;
import io.onevault.embedded.postgres.PostgresServer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Nobody is signalled who must not be, on the oldest and the newest server. */
class BackendSignalsIT {

    static final List<Integer> VERSIONS = List.of(14, PostgresServer.LATEST_VERSION);

    private static final Map<Integer, PostgresServer> SERVERS = new LinkedHashMap<>();
    private static final SessionLimits LIMITS =
            new SessionLimits(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(5));
    private static final SignalProtection PROTECTION =
            new SignalProtection(
                    List.of("Chief"),
                    List.of("dba", "no_such_role"),
                    List.of("psql", "pgAdmin", "pg_dump", "pgBackRest"),
                    List.of("SYSTEM_ADMIN", "BACKUP_OPERATOR"));

    @BeforeAll
    static void start() {
        for (int version : VERSIONS) {
            PostgresServer server = PostgresServer.builder(version).start();
            SERVERS.put(version, server);
            server.execute(
                    "postgres",
                    "CREATE TABLE t (id int PRIMARY KEY, v text)",
                    "INSERT INTO t VALUES (1, '')",
                    "GRANT ALL ON t TO PUBLIC",
                    "CREATE ROLE app LOGIN",
                    "CREATE ROLE chief LOGIN",
                    "CREATE ROLE holder LOGIN",
                    "CREATE ROLE former LOGIN",
                    "CREATE ROLE dba",
                    "CREATE ROLE team IN ROLE dba",
                    "CREATE ROLE dba_member LOGIN NOINHERIT IN ROLE team",
                    "CREATE ROLE may_become_superuser LOGIN NOINHERIT IN ROLE postgres",
                    "CREATE ROLE signals LOGIN IN ROLE pg_monitor, pg_signal_backend",
                    "CREATE ROLE copier LOGIN REPLICATION",
                    "CREATE ROLE watcher LOGIN IN ROLE pg_monitor",
                    "CREATE ROLE blind LOGIN IN ROLE pg_signal_backend",
                    "CREATE DATABASE vault");
            server.execute(
                    "vault",
                    "CREATE TABLE t (id int PRIMARY KEY, v text)",
                    "INSERT INTO t VALUES (1, '')",
                    "GRANT ALL ON t TO PUBLIC",
                    "CREATE SCHEMA auth",
                    "CREATE TABLE auth.user_profile_s"
                            + " (user_hk bytea, username text, load_end_date timestamptz)",
                    "CREATE TABLE auth.user_role_l (user_hk bytea, role_hk bytea)",
                    "CREATE TABLE auth.role_h (role_hk bytea, role_bk text)",
                    "INSERT INTO auth.user_profile_s VALUES ('1', 'HOLDER', NULL),"
                            + " ('2', 'former', now()), ('3', 'app', NULL)",
                    "INSERT INTO auth.role_h VALUES ('a', 'BACKUP_OPERATOR'), ('b', 'CLERK')",
                    "INSERT INTO auth.user_role_l VALUES ('1', 'a'), ('2', 'a'), ('3', 'b')");
        }
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(PostgresServer::close);
    }

    static Stream<Arguments> protectedSessions() {
        return VERSIONS.stream()
                .flatMap(
                        version ->
                                Stream.of(
                                        Arguments.of(version, "postgres", "app", "superuser"),
                                        Arguments.of(version, "chief", "app", "admin user"),
                                        Arguments.of(version, "dba_member", "app", "admin role"),
                                        Arguments.of(
                                                version,
                                                "may_become_superuser",
                                                "app",
                                                "admin role"),
                                        Arguments.of(version, "signals", "app", "own session"),
                                        Arguments.of(version, "copier", "app", "replication role"),
                                        Arguments.of(version, "app", "onevault-cdc", "own session"),
                                        Arguments.of(version, "app", "psql", "application"),
                                        Arguments.of(
                                                version,
                                                "app",
                                                "pgAdmin 4 - DB:postgres",
                                                "application"),
                                        Arguments.of(version, "app", " PG_DUMP", "application"),
                                        Arguments.of(
                                                version,
                                                "app",
                                                "pgBackRest [backup]",
                                                "application")));
    }

    @ParameterizedTest
    @MethodSource("protectedSessions")
    void protectedSessionsAreLeftAlone(int version, String user, String application, String rule)
            throws Exception {
        for (Signal signal : List.of(Signal.CANCEL, Signal.TERMINATE)) {
            try (Contention contention =
                    new Contention(SERVERS.get(version), "postgres", user, application)) {
                contention.run(signal == Signal.CANCEL);
                SignalResult result = act(version, "signals", contention.request(signal));
                assertThat(result.outcome()).isEqualTo(Outcome.PROTECTED);
                assertThat(result.rule()).isEqualTo(rule);
                assertThat(contention.rootIsUntouched()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "14, psql-worker",
        "18, psql-worker",
        "18, psql'; SELECT 1; --",
        "18, my pg_dump",
        "18, %_%",
        "14, (",
        "18, ''"
    })
    void namesThatOnlyLookProtectedAreNot(int version, String application) throws Exception {
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", application)) {
            contention.run(true);
            assertThat(act(version, "signals", contention.request(Signal.CANCEL)).outcome())
                    .isEqualTo(Outcome.SENT);
            assertThat(contention.rootWasCancelled()).isTrue();
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void nothingIsSentWhereSomethingHasChanged(int version) throws Exception {
        Map<String, UnaryOperator<SignalRequest>> changes = new LinkedHashMap<>();
        changes.put("pid reused", r -> with(r, r.backendStartMicros() + 1, r.xactStartMicros(), r));
        changes.put(
                "other transaction",
                r -> with(r, r.backendStartMicros(), r.xactStartMicros() - 1, r));
        changes.put(
                "still blocking",
                r ->
                        new SignalRequest(
                                r.signal(),
                                r.pid(),
                                r.backendStartMicros(),
                                r.xactStartMicros(),
                                r.idle(),
                                List.of(
                                        new Waiter(
                                                r.victims().get(0).pid(),
                                                r.victims().get(0).backendStartMicros() + 1)),
                                0,
                                0,
                                r.notAfterMicros()));
        changes.put(
                "too late",
                r ->
                        new SignalRequest(
                                r.signal(),
                                r.pid(),
                                r.backendStartMicros(),
                                r.xactStartMicros(),
                                r.idle(),
                                r.victims(),
                                0,
                                0,
                                r.notAfterMicros() - 3_600_000_000L));
        changes.put(
                "gone",
                r ->
                        new SignalRequest(
                                r.signal(),
                                999_999_999,
                                r.backendStartMicros(),
                                r.xactStartMicros(),
                                r.idle(),
                                r.victims(),
                                0,
                                0,
                                r.notAfterMicros()));
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", "shop")) {
            contention.run(false);
            for (Map.Entry<String, UnaryOperator<SignalRequest>> change : changes.entrySet()) {
                SignalRequest wrong = change.getValue().apply(contention.request(Signal.TERMINATE));
                SignalResult result = act(version, "signals", wrong);
                assertThat(result.rule()).isEqualTo(change.getKey());
                assertThat(result.outcome()).isEqualTo(Outcome.GONE);
                assertThat(contention.rootIsUntouched()).isTrue();
            }
            SignalRequest patient = contention.request(Signal.TERMINATE, 3_600_000_000L);
            assertThat(act(version, "signals", patient).rule()).isEqualTo("still blocking");
            // The root is idle: there is nothing to cancel.
            SignalRequest active = contention.request(Signal.CANCEL);
            active = with(active, active.backendStartMicros(), active.xactStartMicros(), active);
            assertThat(
                            act(
                                            version,
                                            "signals",
                                            new SignalRequest(
                                                    Signal.CANCEL,
                                                    active.pid(),
                                                    active.backendStartMicros(),
                                                    active.xactStartMicros(),
                                                    false,
                                                    active.victims(),
                                                    0,
                                                    0,
                                                    active.notAfterMicros()))
                                    .rule())
                    .isEqualTo("state");
            assertThat(contention.rootIsUntouched()).isTrue();
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void rootThatLetGoOrBeganAnewIsLeftAlone(int version) throws Exception {
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", "shop")) {
            contention.run(false);
            SignalRequest request = contention.request(Signal.TERMINATE);
            contention.letGo();
            assertThat(act(version, "signals", request).outcome()).isEqualTo(Outcome.GONE);
            contention.beginAnew();
            SignalResult result = act(version, "signals", request);
            assertThat(result.rule()).isEqualTo("other transaction");
            assertThat(contention.rootIsUntouched()).isTrue();
        }
    }

    /** What the session does by itself must have lasted, not only what others wait for. */
    @ParameterizedTest
    @FieldSource("VERSIONS")
    void rootThatIsNewOrIdlesForAMomentIsLeftAlone(int version) throws Exception {
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", "shop")) {
            contention.run(false);
            SignalRequest now = contention.request(Signal.TERMINATE);
            SignalRequest young =
                    new SignalRequest(
                            now.signal(),
                            now.pid(),
                            now.backendStartMicros(),
                            now.xactStartMicros(),
                            now.idle(),
                            now.victims(),
                            now.notAfterMicros(),
                            0,
                            now.notAfterMicros());
            SignalResult result = act(version, "signals", young);
            assertThat(result.rule()).isEqualTo("too soon");
            assertThat(result.outcome()).isEqualTo(Outcome.GONE);

            contention.awaitWaiting(6);
            contention.touch("SELECT 1");
            SignalRequest patient = contention.request(Signal.TERMINATE, 5_000_000);
            assertThat(act(version, "signals", patient).rule()).isEqualTo("too soon");
            assertThat(contention.rootIsUntouched()).isTrue();
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void statementThatTheServerCutProtectsAReader(int version) throws Exception {
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", "shop")) {
            contention.read(false);
            for (String character : List.of("x", "\u00e9", "\u20ac", "\ud83d\ude00")) {
                contention.touch("SELECT '" + character.repeat(1_100) + "'");
                SignalResult result = act(version, "signals", contention.request(Signal.TERMINATE));
                assertThat(result.rule()).isEqualTo("statement cut");
                assertThat(result.outcome()).isEqualTo(Outcome.PROTECTED);
            }
            assertThat(contention.rootIsUntouched()).isTrue();
            contention.touch("SAVEPOINT a /*" + "x".repeat(1_000) + "*/");
            assertThat(act(version, "signals", contention.request(Signal.TERMINATE)).outcome())
                    .isEqualTo(Outcome.SENT);
        }
    }

    /** Dumps never write; what else a cut statement may be is judged by what it shows. */
    @ParameterizedTest
    @FieldSource("VERSIONS")
    void whoHasWrittenIsJudgedByWhatACutStatementShows(int version) throws Exception {
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", "shop")) {
            contention.run(false);
            SignalProtection.Statements judge =
                    (text, cut, wrote) -> "cut %s, wrote %s".formatted(cut, wrote);
            contention.touch("SELECT '" + "\ud83d\ude00".repeat(300) + "'");
            SignalRequest request = contention.request(Signal.TERMINATE);
            assertThat(act(target(version, "postgres", "signals"), request, judge).detail())
                    .contains("cut true, wrote true");
            contention.touch("SELECT '" + "x".repeat(1_000) + "'");
            request = contention.request(Signal.TERMINATE);
            assertThat(act(target(version, "postgres", "signals"), request, judge).detail())
                    .contains("cut false, wrote true");
            assertThat(contention.rootIsUntouched()).isTrue();
            contention.touch("SELECT '" + "x".repeat(1_100) + "'");
            assertThat(act(version, "signals", contention.request(Signal.TERMINATE)).outcome())
                    .isEqualTo(Outcome.SENT);
        }
    }

    /** Between two statements a dump shows nothing but its snapshot. */
    @ParameterizedTest
    @FieldSource("VERSIONS")
    void readerWithASnapshotIsLeftAlone(int version) throws Exception {
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", "shop")) {
            contention.read(true);
            SignalResult result = act(version, "signals", contention.request(Signal.TERMINATE));
            assertThat(result.rule()).isEqualTo("reader");
            assertThat(result.outcome()).isEqualTo(Outcome.PROTECTED);
            assertThat(contention.rootIsUntouched()).isTrue();
        }
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", "shop")) {
            contention.read(false);
            // The driver's last portal would keep its snapshot until the next one.
            contention.touch("SAVEPOINT a");
            assertThat(act(version, "signals", contention.request(Signal.TERMINATE)).outcome())
                    .isEqualTo(Outcome.SENT);
        }
    }

    /** Nobody judges the text here; the server's progress tells. */
    @ParameterizedTest
    @FieldSource("VERSIONS")
    void copyIsKnownByItsProgress(int version) throws Exception {
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", "shop")) {
            contention.run(false);
            contention.copy();
            SignalResult result = act(version, "signals", contention.request(Signal.CANCEL));
            assertThat(result.rule()).isEqualTo("maintenance");
            assertThat(result.outcome()).isEqualTo(Outcome.PROTECTED);
            assertThat(contention.rootIsUntouched()).isTrue();
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void waiterIsNoRoot(int version) throws Exception {
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", "shop")) {
            contention.run(false);
            SignalRequest request = contention.requestAgainstVictim();
            assertThat(act(version, "signals", request).rule()).isEqualTo("waits itself");
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void legitimateBlockerIsCancelledOrTerminatedAndCheckingAloneTouchesNothing(int version)
            throws Exception {
        PostgresServer server = SERVERS.get(version);
        try (Contention contention = new Contention(server, "postgres", "app", "shop")) {
            contention.run(true);
            assertThat(act(version, "signals", contention.request(Signal.NONE)).outcome())
                    .isEqualTo(Outcome.ALLOWED);
            assertThat(contention.rootIsUntouched()).isTrue();
            SignalResult result = act(version, "signals", contention.request(Signal.CANCEL));
            assertThat(result.outcome()).isEqualTo(Outcome.SENT);
            assertThat(result.atMicros()).isPositive();
            assertThat(contention.rootWasCancelled()).isTrue();
        }
        try (Contention contention = new Contention(server, "postgres", "app", "shop")) {
            contention.run(false);
            assertThat(act(version, "signals", contention.request(Signal.TERMINATE)).outcome())
                    .isEqualTo(Outcome.SENT);
            contention.awaitRootGone();
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void rolesOfTheVaultModelProtect(int version) throws Exception {
        PostgresServer server = SERVERS.get(version);
        server.execute(
                "vault",
                "REVOKE ALL ON SCHEMA auth FROM signals",
                "ALTER TABLE auth.role_h DISABLE ROW LEVEL SECURITY");
        assertThat(ended(version, "vault", "app")).isEqualTo("PROTECTED vault roles");
        server.execute(
                "vault",
                "GRANT USAGE ON SCHEMA auth TO signals",
                "GRANT SELECT ON ALL TABLES IN SCHEMA auth TO signals");
        assertThat(ended(version, "vault", "holder")).isEqualTo("PROTECTED vault role");
        assertThat(ended(version, "vault", "former")).isEqualTo("SENT ");
        assertThat(ended(version, "vault", "app")).isEqualTo("SENT ");
        server.execute("vault", "ALTER TABLE auth.role_h ENABLE ROW LEVEL SECURITY");
        assertThat(ended(version, "vault", "holder")).isEqualTo("PROTECTED vault roles");
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void statementIsJudgedWithoutItsLiterals(int version) throws Exception {
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", "shop")) {
            contention.run(true);
            SignalRequest request = contention.request(Signal.CANCEL);
            try (BackendSignals signals =
                    new BackendSignals(
                            target(version, "postgres", "signals"),
                            LIMITS,
                            PROTECTION,
                            (text, cut, wrote) ->
                                    text.contains("pg_sleep") ? "it sleeps: " + text : "")) {
                SignalResult result = signals.act(request);
                assertThat(result.outcome()).isEqualTo(Outcome.PROTECTED);
                assertThat(result.rule()).isEqualTo("statement");
                assertThat(result.detail()).contains("pg_sleep(?)").doesNotContain("600");
            }
            assertThat(contention.rootIsUntouched()).isTrue();
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void missingPrivilegesAreSentences(int version) throws Exception {
        try (Contention contention =
                new Contention(SERVERS.get(version), "postgres", "app", "shop")) {
            contention.run(true);
            SignalResult refused = act(version, "watcher", contention.request(Signal.CANCEL));
            assertThat(refused.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(refused.detail())
                    .contains("GRANT pg_signal_backend")
                    .doesNotContain("watcher");
            SignalResult hidden = act(version, "blind", contention.request(Signal.CANCEL));
            assertThat(hidden.outcome()).isNotEqualTo(Outcome.SENT);
            assertThat(hidden.detail()).contains("GRANT pg_monitor");
            SignalResult stranger = act(version, "nobody", contention.request(Signal.CANCEL));
            assertThat(stranger.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(stranger.detail()).contains("PRIVILEGE").doesNotContain("nobody");
            assertThat(contention.rootIsUntouched()).isTrue();
        }
    }

    private static String ended(int version, String database, String user) throws Exception {
        try (Contention contention = new Contention(SERVERS.get(version), database, user, "shop")) {
            contention.run(false);
            SignalResult result =
                    act(target(version, database, "signals"), contention.request(Signal.TERMINATE));
            return result.outcome() + " " + result.rule();
        }
    }

    private static SignalRequest with(
            SignalRequest r, long backendStart, long xactStart, SignalRequest rest) {
        return new SignalRequest(
                r.signal(),
                r.pid(),
                backendStart,
                xactStart,
                r.idle(),
                rest.victims(),
                0,
                0,
                r.notAfterMicros());
    }

    private static SignalResult act(int version, String user, SignalRequest request) {
        return act(target(version, "postgres", user), request);
    }

    private static SignalResult act(ServerTarget target, SignalRequest request) {
        return act(target, request, (text, cut, wrote) -> "");
    }

    private static SignalResult act(
            ServerTarget target, SignalRequest request, SignalProtection.Statements statements) {
        try (BackendSignals signals = new BackendSignals(target, LIMITS, PROTECTION, statements)) {
            return signals.act(request);
        }
    }

    private static ServerTarget target(int version, String database, String user) {
        return new ServerTarget("shop", SERVERS.get(version).jdbcUrl(database), user, Secret.NONE);
    }
}
