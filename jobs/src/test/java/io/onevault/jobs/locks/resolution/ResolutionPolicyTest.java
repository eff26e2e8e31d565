package io.onevault.jobs.locks.resolution;

import static io.onevault.jobs.locks.impact.Incidents.NOON;
import static io.onevault.jobs.locks.impact.Incidents.SECOND;
import static io.onevault.jobs.locks.impact.Incidents.incident;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.locks.impact.Incidents;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Victim;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResolutionPolicyTest {

    private static final ResolutionSettings ON = Settings.enabled();

    private final ResolutionPolicy policy = new ResolutionPolicy(ON);

    static Stream<Arguments> refused() {
        return Stream.of(
                refused("prepared transaction", i -> i.prepared("x")),
                refused("visible", Incidents::hidden),
                refused("backend type", i -> i.type("autovacuum worker")),
                refused("backend type", i -> i.type("walsender")),
                refused("own session", i -> i.application("onevault-polling")),
                refused("superuser", Incidents::superuser),
                refused("admin user", i -> i.user("Postgres")),
                refused("application", i -> i.application("pgAdmin 4 - DB:shop")),
                refused("application", i -> i.application("DataGrip 2024.1")),
                refused("application", i -> i.application("pg_restore")),
                refused("application", i -> i.application("reindexdb")),
                refused("statement", i -> i.query("BACKUP DATABASE x")),
                refused("statement", i -> i.query("COPY public.t (a) TO stdout")),
                refused("statement", i -> i.query("COPY public.t (a, b, …")),
                refused("statement", i -> i.query("COPY public.t (a, b")),
                refused("statement", i -> i.query("LOCK TABLE a, b, c")),
                refused("statement", i -> i.query("MERGE INTO t USING s …")),
                refused("statement", i -> i.query("")),
                refused("statement", i -> i.query("EXECUTE p(?)")),
                refused("statement", i -> i.query("BEGIN; VACUUM t")),
                refused("maintenance window", i -> i.at(NOON - 10 * 3_600 * SECOND)),
                refused("maintenance window", i -> i.at(NOON - 5 * 3_600 * SECOND - 1)),
                refused("deadlock", Incidents::cyclic),
                refused("state", i -> i.state("idle")),
                refused("state", i -> i.state("")));
    }

    /** Only the server tells who has written, and dumps do not. */
    @ParameterizedTest
    @ValueSource(strings = {"UPDATE t SET a = ? …", "SELECT oid FROM pg_catalog.pg_type"})
    void longStatementsAndLookUpsOfDriversAreLeftToTheServer(String query) {
        Verdict verdict =
                fresh(incident(i -> i.state("idle in transaction").query(query))).orElseThrow();
        assertThat(verdict.decision()).isEqualTo(Verdict.TERMINATE);
        assertThat(verdict.rules().get("statement")).isEqualTo(Verdict.ON_SERVER);
    }

    private static Arguments refused(String rule, UnaryOperator<Incidents> change) {
        return Arguments.of(rule, change);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void eachSafetyRuleRefusesByName(String rule, UnaryOperator<Incidents> change) {
        Verdict verdict = fresh(incident(change)).orElseThrow();
        assertThat(verdict.decision()).isEqualTo(Verdict.REFUSE);
        assertThat(verdict.rules().get(rule)).isNotNull().isNotEqualTo(Verdict.PASSED);
        assertThat(verdict.reason()).contains(rule);
    }

    @Test
    void whateverRefusesHoldsInAnyCombination() {
        Random random = new Random(11);
        Object[] all = refused().map(Arguments::get).map(a -> a[1]).toArray();
        for (int i = 0; i < 300; i++) {
            Incidents built = Incidents.plain();
            for (int n = 0; n <= random.nextInt(4); n++) {
                @SuppressWarnings("unchecked")
                UnaryOperator<Incidents> change =
                        (UnaryOperator<Incidents>) all[random.nextInt(all.length)];
                built = change.apply(built);
            }
            BlockingIncident incident = built.build();
            Verdict verdict = fresh(incident).orElseThrow();

            assertThat(verdict.decision()).isEqualTo(Verdict.REFUSE);
        }
    }

    @Test
    void plainBlockerIsCancelledThenTerminatedAfterTheGrace() {
        BlockingIncident incident = incident(i -> i);
        Verdict first = fresh(incident).orElseThrow();
        assertThat(first.decision()).isEqualTo(Verdict.CANCEL);
        assertThat(first.rules().values()).containsOnly(Verdict.PASSED, Verdict.ON_SERVER);

        RootHistory pending = RootHistory.of(incident.root()).ordering(Verdict.CANCEL);
        assertThat(decide(incident, pending, 1)).isEmpty();
        RootHistory sent = pending.having("SENT", "", NOON);
        assertThat(decide(at(29), sent, 1)).isEmpty();
        Verdict second = decide(at(30), sent, 1).orElseThrow();
        assertThat(second.decision()).isEqualTo(Verdict.TERMINATE);
        RootHistory ended = sent.ordering(Verdict.TERMINATE).having("SENT", "", NOON + 30 * SECOND);
        assertThat(decide(at(59), ended, 2)).isEmpty();
        assertThat(decide(at(60), ended, 2).orElseThrow().decision()).isEqualTo(Verdict.ADVISE);
    }

    @Test
    void idleInTransactionIsTerminatedAtOnceAndTheReasonSaysWhy() {
        Verdict verdict = fresh(incident(i -> i.state("idle in transaction"))).orElseThrow();
        assertThat(verdict.decision()).isEqualTo(Verdict.TERMINATE);
        assertThat(verdict.reason()).contains("a cancel does nothing");
    }

    @Test
    void nothingIsDecidedTooEarlyOrAfterTheEnd() {
        assertThat(fresh(incident(i -> i.waited(30 * SECOND - 1)))).isEmpty();
        assertThat(fresh(incident(Incidents::closed))).isEmpty();
        assertThat(fresh(incident(i -> i.impact(49))).orElseThrow().decision())
                .isEqualTo(Verdict.ADVISE);
    }

    @Test
    void nextRootDoesNotAnswerForTheOneBefore() {
        assertThat(fresh(incident(i -> i.waited(59 * SECOND).rootSince(NOON - 30 * SECOND + 1))))
                .isEmpty();
        assertThat(fresh(incident(i -> i.waited(59 * SECOND).rootSince(NOON - 30 * SECOND))))
                .get()
                .satisfies(v -> assertThat(v.acts()).isTrue());
    }

    /** Else nothing would ever be said of who holds a lock beyond its transactions. */
    @Test
    void newRootIsAdvisedOnOrRefusedWhenOthersHaveWaitedLong() {
        UnaryOperator<Incidents> young = i -> i.waited(60 * SECOND).rootSince(NOON);
        Verdict advice = fresh(incident(young)).orElseThrow();
        assertThat(advice.decision()).isEqualTo(Verdict.ADVISE);
        assertThat(advice.rules().get("minimum wait")).contains("present transaction");
        assertThat(
                        fresh(incident(i -> i.waited(30 * SECOND).rootSince(NOON).superuser()))
                                .orElseThrow()
                                .decision())
                .isEqualTo(Verdict.REFUSE);
        // Once for the incident.
        BlockingIncident again = incident(young);
        assertThat(decide(again, RootHistory.of(again.root()).saying(advice.signature()), 0))
                .isEmpty();
    }

    @Test
    void rootDoesNotAnswerForVictimsThatLeftOrWaitForAnother() {
        UnaryOperator<Incidents> two =
                i ->
                        i.waited(60 * SECOND)
                                .victims(
                                        direct(NOON - SECOND),
                                        Incidents.victim(
                                                9,
                                                8,
                                                2,
                                                "tuple",
                                                "ShareLock",
                                                "app",
                                                NOON - 60 * SECOND));
        assertThat(fresh(incident(two))).isEmpty();
        assertThat(policy.dueMicros(incident(two), RootHistory.of(incident(two).root())))
                .isEqualTo(NOON + 29 * SECOND);
    }

    private static Victim direct(long since) {
        return Incidents.victim(8, 7, 1, "transactionid", "ShareLock", "app", since);
    }

    @Test
    void momentBetweenTwoStatementsIsNoIdling() {
        UnaryOperator<Incidents> idle = i -> i.state("idle in transaction");
        assertThat(fresh(incident(i -> idle.apply(i).stateChange(NOON - 1)))).isEmpty();
        assertThat(fresh(incident(i -> idle.apply(i).stateChange(NOON - 30 * SECOND + 1))))
                .isEmpty();
        assertThat(fresh(incident(i -> idle.apply(i).stateChange(NOON - 30 * SECOND))))
                .get()
                .satisfies(v -> assertThat(v.decision()).isEqualTo(Verdict.TERMINATE));
    }

    @Test
    void nobodyIsNamed() {
        String user = "marker_user";
        ResolutionPolicy knowing = policyWithAdministrator(user);
        refused()
                .forEach(
                        arguments -> {
                            @SuppressWarnings("unchecked")
                            UnaryOperator<Incidents> change =
                                    (UnaryOperator<Incidents>) arguments.get()[1];
                            BlockingIncident incident =
                                    incident(i -> change.apply(i).superuser().user(user));
                            Verdict verdict =
                                    knowing.decide(
                                                    incident,
                                                    RootHistory.of(incident.root()),
                                                    0,
                                                    incident.observedAtMicros())
                                            .orElseThrow();
                            assertThat(verdict.rules().get("admin user"))
                                    .isNotEqualTo(Verdict.PASSED);
                            assertThat(verdict.reason() + verdict.rules()).doesNotContain(user);
                        });
    }

    private static ResolutionPolicy policyWithAdministrator(String user) {
        return new ResolutionPolicy(
                new ResolutionSettings(
                        true,
                        false,
                        ON.minimumWait(),
                        1,
                        50,
                        ON.grace(),
                        3,
                        ON.actionsWindow(),
                        ON.decisionAge(),
                        null,
                        List.of(user),
                        List.of(),
                        List.of(),
                        ON.adminTools()));
    }

    @Test
    void switchedOffItOnlyAdvises() {
        ResolutionPolicy off = new ResolutionPolicy(ResolutionSettings.DEFAULT);
        for (BlockingIncident incident :
                new BlockingIncident[] {incident(i -> i), incident(Incidents::superuser)}) {
            Verdict verdict =
                    off.decide(
                                    incident,
                                    RootHistory.of(incident.root()),
                                    0,
                                    incident.observedAtMicros())
                            .orElseThrow();
            assertThat(verdict.decision()).isEqualTo(Verdict.ADVISE);
        }
    }

    @Test
    void rateLimitRefuses() {
        BlockingIncident incident = incident(i -> i);
        Verdict verdict =
                decide(incident, RootHistory.of(incident.root()), ON.maxActions()).orElseThrow();
        assertThat(verdict.decision()).isEqualTo(Verdict.REFUSE);
        assertThat(verdict.reason()).contains("rate limit");
    }

    @Test
    void whatTheServerProtectsIsNotTriedAgainAndFailuresAreGivenUp() {
        BlockingIncident incident = incident(i -> i);
        RootHistory refused =
                RootHistory.of(incident.root())
                        .ordering(Verdict.CANCEL)
                        .having("PROTECTED", "admin role", NOON);
        assertThat(decide(at(1_000), refused, 0)).isEmpty();
        RootHistory failed = RootHistory.of(incident.root());
        for (int i = 0; i < 3; i++) {
            Optional<Verdict> verdict = decide(at(1_000), failed, 0);
            assertThat(verdict.orElseThrow().decision()).isEqualTo(Verdict.CANCEL);
            failed = failed.ordering(Verdict.CANCEL).having("FAILED", "", NOON);
        }
        assertThat(decide(at(1_000), failed, 0).orElseThrow().decision()).isEqualTo(Verdict.ADVISE);
    }

    @ParameterizedTest
    @CsvSource({
        "GONE, state",
        "GONE, statement changed",
        "GONE, too late",
        "PROTECTED, reader",
        "PROTECTED, statement",
        "PROTECTED, statement cut",
        "PROTECTED, maintenance"
    })
    void whatPassesIsTriedAgainAfterEachGraceForAsLongAsItLasts(String outcome, String rule) {
        RootHistory history = RootHistory.of(incident(i -> i).root());
        for (int i = 0; i < 10; i++) {
            long at = i * 30L;
            assertThat(decide(at(at), history, 0).orElseThrow().decision())
                    .isEqualTo(Verdict.CANCEL);
            history = history.ordering(Verdict.CANCEL).having(outcome, rule, NOON + at * SECOND);
            assertThat(decide(at(at + 29), history, 0)).isEmpty();
        }
    }

    @Test
    void whoWasCancelledOnceIsTerminatedWhateverTheServerRefusedSince() {
        RootHistory history =
                RootHistory.of(incident(i -> i).root())
                        .ordering(Verdict.CANCEL)
                        .having("SENT", "", NOON)
                        .ordering(Verdict.TERMINATE)
                        .having("GONE", "statement changed", NOON + 30 * SECOND);
        assertThat(decide(at(60), history, 0).orElseThrow().decision())
                .isEqualTo(Verdict.TERMINATE);
    }

    @Test
    void decisionIsVoidWhenItIsOldOrTheWindowBegins() {
        assertThat(policy.notAfterMicros(NOON)).isEqualTo(NOON + 30 * SECOND);
        long justBefore = NOON + 14 * 3_600 * SECOND - SECOND;
        assertThat(policy.notAfterMicros(justBefore)).isEqualTo(justBefore + SECOND - 1);
    }

    @Test
    void signatureKnowsWhichRulesRefuseAndNotTheirNumbers() {
        Verdict one = new Verdict("ADVISE", "", Map.of("a", "only 1", "b", Verdict.PASSED));
        Verdict other = new Verdict("ADVISE", "", Map.of("a", "only 2", "b", Verdict.PASSED));
        Verdict more = new Verdict("ADVISE", "", Map.of("a", "only 2", "b", "no"));
        assertThat(one.signature()).isEqualTo(other.signature()).isNotEqualTo(more.signature());
    }

    private Optional<Verdict> fresh(BlockingIncident incident) {
        return decide(incident, RootHistory.of(incident.root()), 0);
    }

    private Optional<Verdict> decide(BlockingIncident incident, RootHistory history, int recent) {
        return policy.decide(incident, history, recent, incident.observedAtMicros());
    }

    private static BlockingIncident at(long seconds) {
        return incident(i -> i.at(NOON + seconds * SECOND));
    }
}
