package io.onevault.jobs.locks.impact;

import static io.onevault.jobs.locks.impact.Incidents.NOON;
import static io.onevault.jobs.locks.impact.Incidents.SECOND;
import static io.onevault.jobs.locks.impact.Incidents.incident;
import static io.onevault.jobs.locks.impact.Incidents.victim;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.DeadlockMember;
import io.onevault.jobs.locks.incident.LockWait;
import io.onevault.jobs.locks.incident.Victim;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LockAssessorTest {

    private static final long MIDNIGHT = NOON - 12 * 3_600 * SECOND;

    private final LockAssessor assessor =
            new LockAssessor(
                    AssessmentSettings.DEFAULT.withTenants(
                            Map.of("shop", new TenantPatterns("^app_(.+)$", "^tenant_(.+)$"))));

    @ParameterizedTest
    @CsvSource({
        // seconds, table, mode, hour of the day, admin, score
        "0, public.orders, ShareLock, 0, false, 25",
        "10, public.orders, ShareLock, 0, false, 45",
        "10, auth.user_profile_s, ShareLock, 0, false, 55",
        "10, user_profile_s, ShareLock, 0, false, 55",
        "10, 'auth.\"user_profile_s\"', ShareLock, 0, false, 55",
        "10, 'auth.\"User_profile_s\"', ShareLock, 0, false, 45",
        "10, '\"user_profile_s\".orders', ShareLock, 0, false, 45",
        "10, '\"a.b\".asset_details_s', ShareLock, 0, false, 55",
        "10, '', AccessExclusiveLock, 0, false, 70",
        "10, '', ExclusiveLock, 0, false, 70",
        "10, '', ShareUpdateExclusiveLock, 0, false, 45",
        "10, '', ShareLock, 7, false, 45",
        "10, '', ShareLock, 8, false, 55",
        "10, '', ShareLock, 18, false, 55",
        "10, '', ShareLock, 19, false, 45",
        "10, '', ShareLock, 0, true, 40",
        "50, '', AccessExclusiveLock, 12, false, 100",
    })
    void impactHasTheTermsOfTheSource(
            long seconds, String table, String mode, int hour, boolean admin, double score) {
        long at = MIDNIGHT + hour * 3_600 * SECOND;
        String user = admin ? "postgres" : "app";
        assertThat(assessor.assess(wait(at, seconds, table, mode, user)).impactScore())
                .isEqualTo(score);
        BlockingIncident same =
                incident(
                        i ->
                                i.at(at)
                                        .waited(seconds * SECOND)
                                        .relations(table)
                                        .modes(mode)
                                        .user(user));
        assertThat(assessor.assess(same, List.of()).impactScore()).isEqualTo(score);
    }

    @Test
    void impactStaysInItsRangeAndNeverFallsWithTime() {
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            ImpactWeights weights =
                    new ImpactWeights(
                            random.nextDouble() * 5,
                            random.nextInt(200) - 100,
                            random.nextInt(200) - 100,
                            random.nextInt(200) - 100,
                            random.nextInt(200) - 100,
                            random.nextInt(200) - 100,
                            random.nextInt(200) - 100);
            AssessmentSettings defaults = AssessmentSettings.DEFAULT;
            LockAssessor any =
                    new LockAssessor(
                            new AssessmentSettings(
                                    weights,
                                    defaults.criticalTables(),
                                    defaults.adminUsers(),
                                    defaults.businessHours(),
                                    Map.of()));
            long seconds = random.nextInt(100);
            double before = any.assess(wait(NOON, seconds, "t", "ShareLock", "app")).impactScore();
            double after =
                    any.assess(wait(NOON, seconds + 1, "t", "ShareLock", "app")).impactScore();
            assertThat(before).isBetween(0.0, 100.0);
            assertThat(after).isBetween(before, 100.0);
        }
    }

    @Test
    void tenantsComeFromRolesAndSchemas() {
        BlockingIncident one = assessor.assess(incident(i -> i), List.of());
        assertThat(one.tenants()).containsExactly("acme");
        assertThat(one.tenant()).isEqualTo("acme");

        BlockingIncident several =
                assessor.assess(
                        incident(
                                i ->
                                        i.relations("\"tenant_beta\".orders")
                                                .victims(victim(8, 7, 1, "tuple", "a", "app_zoo"))),
                        List.of());
        assertThat(several.tenants()).containsExactly("acme", "beta", "zoo");
        assertThat(several.tenant()).isEmpty();

        BlockingIncident elsewhere = assessor.assess(incident(i -> i.target("other")), List.of());
        assertThat(elsewhere.tenants()).isEmpty();

        assertThat(assessor.assess(wait(NOON, 1, "tenant_x.t", "a", "nobody")).tenant())
                .isEqualTo("x");
        DeadlockEvent deadlock = assessor.assess(deadlock(member("app_b"), member("app_a")));
        assertThat(deadlock.tenants()).containsExactly("a", "b");
        assertThat(deadlock.tenant()).isEmpty();
    }

    @Test
    void aDeadlockWithAMemberThatMayBeAnybodysIsNobodys() {
        DeadlockEvent both = assessor.assess(deadlock(member("app_a"), member("app_a")));
        assertThat(both.tenant()).isEqualTo("a");
        DeadlockEvent logged = assessor.assess(deadlock(member("app_a"), member("")));
        assertThat(logged.tenants()).containsExactly("a");
        assertThat(logged.tenant()).isEmpty();
        DeadlockEvent shared = assessor.assess(deadlock(member("app_a"), member("service")));
        assertThat(shared.tenant()).isEmpty();
    }

    @Test
    void anIncidentWithAVictimThatMayBeAnybodysIsNobodys() {
        Victim known = victim(8, 7, 1, "tuple", "ShareLock", "service");
        assertThat(assessor.assess(incident(i -> i.victims(known)), List.of()).tenant())
                .isEqualTo("acme");
        Victim unseen = victim(8, 7, 1, "tuple", "ShareLock", "");
        BlockingIncident incident = assessor.assess(incident(i -> i.victims(unseen)), List.of());
        assertThat(incident.tenants()).containsExactly("acme");
        assertThat(incident.tenant()).isEmpty();
    }

    @Test
    void adviceNamesWhoAndWhat() {
        assertThat(advice(i -> i)).contains("pg_cancel_backend(7)", "Process 7 (shop)");
        assertThat(advice(i -> i.state("idle in transaction")))
                .contains(
                        "pg_terminate_backend(7)",
                        "pg_cancel_backend does nothing",
                        "since 2026-03-04T11:59:00Z");
        assertThat(advice(i -> i.state("idle in transaction").query("CREATE INDEX ON t (a)")))
                .contains("pg_terminate_backend(7)");
        assertThat(advice(i -> i.prepared("it's")))
                .contains("COMMIT PREPARED 'it''s'", "ROLLBACK PREPARED 'it''s'", "database shop");
        assertThat(advice(i -> i.hidden())).contains("GRANT pg_monitor");
        assertThat(advice(i -> i.cyclic())).contains("deadlock_timeout", "cancel nobody");
        assertThat(advice(i -> i.application("pg_dump"))).contains("(pg_dump)", "wait");
        assertThat(advice(i -> i.query("VACUUM FULL t"))).contains("VACUUM FULL", "reschedule");
        assertThat(
                        advice(
                                i ->
                                        i.type("autovacuum worker")
                                                .query(
                                                        "autovacuum: VACUUM public.t (to prevent"
                                                                + " wraparound)")))
                .contains("do not cancel");
        assertThat(advice(i -> i.type("autovacuum worker").query("autovacuum: ANALYZE public.t")))
                .contains("gives way by itself");
        assertThat(advice(i -> i.type("logical replication worker")))
                .contains("not a client's session");
        assertThat(advice(i -> i.victims(victim(8, 7, 1, "advisory", "ExclusiveLock", "a"))))
                .contains("pg_advisory_unlock");
        assertThat(
                        advice(
                                i ->
                                        i.victims(
                                                victim(
                                                        8,
                                                        7,
                                                        1,
                                                        "relation",
                                                        "AccessExclusiveLock",
                                                        "a"),
                                                victim(9, 8, 2, "relation", "RowShareLock", "a"))))
                .contains("queue behind process 8", "pg_cancel_backend(8)", "lock_timeout");
        assertThat(advice(i -> i.closed())).isEmpty();
    }

    @Test
    void adviceNamesNoPerson() {
        List<UnaryOperator<Incidents>> cases =
                List.of(
                        i -> i,
                        i -> i.state("idle in transaction"),
                        i -> i.state(""),
                        i -> i.prepared("g"),
                        i -> i.hidden(),
                        i -> i.cyclic(),
                        i -> i.application("pg_dump"),
                        i -> i.application(""),
                        i -> i.query("VACUUM FULL t"),
                        i -> i.type("logical replication worker"),
                        i -> i.victims(victim(8, 7, 1, "advisory", "ExclusiveLock", "m4rker")));
        for (UnaryOperator<Incidents> each : cases) {
            assertThat(advice(i -> each.apply(i).user("m4rker")))
                    .isNotEmpty()
                    .doesNotContain("m4rker", "local");
        }
    }

    @Test
    void maintenanceIsClassifiedNotHidden() {
        BlockingIncident dump = assessor.assess(incident(i -> i.application("pg_dump")), List.of());
        assertThat(dump.maintenanceKind()).isEqualTo("pg_dump");
        assertThat(dump.impactScore()).isPositive();
    }

    @Test
    void maintenanceHoursGoOverMidnightAndBeginAgain() {
        HourRange night = new HourRange(22, 2, "UTC");
        assertThat(night.contains(MIDNIGHT)).isTrue();
        assertThat(night.contains(MIDNIGHT + 3 * 3_600 * SECOND - 1)).isTrue();
        assertThat(night.contains(MIDNIGHT + 3 * 3_600 * SECOND)).isFalse();
        assertThat(night.nextStart(NOON)).isEqualTo(NOON + 10 * 3_600 * SECOND);
        assertThat(new HourRange(8, 9, "Asia/Kolkata").contains(MIDNIGHT + 3 * 3_600 * SECOND))
                .isTrue();
    }

    @Test
    void assessorTravelsWithTheJob() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(assessor);
        }
        try (ObjectInputStream in =
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            LockAssessor copy = (LockAssessor) in.readObject();
            assertThat(copy.assess(incident(i -> i), List.of()))
                    .isEqualTo(assessor.assess(incident(i -> i), List.of()));
        }
    }

    private String advice(UnaryOperator<Incidents> change) {
        return assessor.assess(incident(change), List.of()).advice();
    }

    private static DeadlockEvent deadlock(DeadlockMember... members) {
        return new DeadlockEvent(
                "k",
                "shop",
                "",
                List.of(),
                "shop",
                "DEADLOCK",
                "",
                "SERVER_LOG",
                1,
                0,
                1,
                1,
                1,
                1,
                List.of(members),
                0);
    }

    private static DeadlockMember member(String user) {
        return new DeadlockMember(1, 1, user, "", "", "", "", "", 2, "", "", "");
    }

    private static LockWait wait(long at, long seconds, String table, String mode, String user) {
        return new LockWait(
                "k",
                "shop",
                "",
                "shop",
                8,
                1,
                user,
                "shop",
                "relation",
                mode,
                table,
                List.of(7),
                at - seconds * SECOND,
                0,
                at,
                "SELECT ?",
                "",
                false,
                "",
                0,
                "",
                "");
    }
}
