package io.onevault.jobs.alerts.inhibition;

import static io.onevault.jobs.alerts.inhibition.Symptoms.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.vault.HashKey;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.AlertSubject;
import io.onevault.jobs.alerts.lifecycle.BusinessHours;
import io.onevault.jobs.alerts.lifecycle.Severity;
import io.onevault.jobs.alerts.rules.PatternCache;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What holds for every history of alerts of a target whose rules explain each other anyhow. */
class RandomCausesTest {

    private static final int HISTORIES = 300;
    private static final int REPLAYED = 100;
    private static final int STEPS = 200;
    private static final int RULES = 6;
    private static final int AT_A_TIME = 10;
    private static final Pattern CAUSE = Pattern.compile("alert ([0-9a-f]{64}) \\(.*\\)");

    @Test
    void everyAlertThatHoldsIsToldOrItsCauseIs() throws Exception {
        int explained = 0;
        int circles = 0;
        for (int seed = 0; seed < HISTORIES; seed++) {
            Target target = new Target(seed);
            for (int step = 0; step < STEPS; step++) {
                target.step();
            }
            target.settle();
            for (AlertInstance own : target.open.values()) {
                AlertInstance shown = target.shown.get(own.subject().key());
                assertThat(shown).as("seed %d: %s is shown", seed, own.subject().key()).isNotNull();
                if (own.status() == AlertStatus.FIRING) {
                    boolean direct = shown.status() == AlertStatus.FIRING;
                    explained += direct ? 0 : 1;
                    circles += target.followed(shown, seed) > 1 ? 1 : 0;
                } else {
                    assertThat(shown.status()).isEqualTo(own.status());
                }
            }
            target.endAll();
            target.settle();
            assertThat(target.series).as("seed %d: nothing is kept", seed).isEmpty();
            assertThat(target.state.causes).isEmpty();
            assertThat(target.state.wanted).isEmpty();
            target.assertEnds();
        }
        assertThat(explained).isGreaterThan(HISTORIES);
        assertThat(circles).as("chains of causes").isGreaterThan(10);
    }

    /**
     * Changes of different series come on different ways: in another order, and late. Each alert is
     * the same then. Whether one was told, or explained meanwhile, goes by when they came.
     */
    @Test
    void theSameChangesInAnotherOrderBetweenSeriesGiveTheSameAlerts() throws Exception {
        int moved = 0;
        for (int seed = 0; seed < REPLAYED; seed++) {
            Target one = new Target(seed);
            for (int step = 0; step < STEPS; step++) {
                one.step();
            }
            one.endAll();
            one.settle();
            List<Change> reordered = reordered(one.changes, new Random(seed));
            moved += reordered.equals(one.changes) ? 0 : 1;
            Target other = new Target(seed);
            for (Change change : reordered) {
                other.pass(Math.max(0, change.clock() - other.clock));
                other.take(change.alert());
            }
            other.settle();
            assertThat(other.ends()).as("seed %d", seed).isEqualTo(one.ends()).isNotEmpty();
            assertThat(other.series).as("seed %d: nothing is kept", seed).isEmpty();
        }
        assertThat(moved).as("others than before").isEqualTo(REPLAYED);
    }

    /** Some at a time, by series, each time in another order; when the last of them would come. */
    private static List<Change> reordered(List<Change> changes, Random random) {
        List<Change> all = new ArrayList<>();
        for (int from = 0; from < changes.size(); from += AT_A_TIME) {
            List<Change> some = changes.subList(from, Math.min(changes.size(), from + AT_A_TIME));
            long clock = some.get(some.size() - 1).clock();
            Map<String, List<Change>> bySeries = new TreeMap<>();
            for (Change change : some) {
                bySeries.computeIfAbsent(
                                change.alert().subject().series(), series -> new ArrayList<>())
                        .add(new Change(clock, change.alert()));
            }
            List<List<Change>> order = new ArrayList<>(bySeries.values());
            Collections.shuffle(order, random);
            order.forEach(all::addAll);
        }
        return all;
    }

    /** A change of an alert, and when it comes. */
    private record Change(long clock, AlertInstance alert) {}

    /** A target with random alerts. */
    private static final class Target implements HeldAlerts {

        private final Random random;
        private final List<AlertSubject> subjects = new ArrayList<>();
        private final TargetCauses state = new TargetCauses();
        private final PatternCache patterns = new PatternCache();
        private final Map<String, HeldSeries> series = new HashMap<>();
        private final TreeMap<Long, List<String>> wakings = new TreeMap<>();
        private final Map<String, Long> untold = new HashMap<>();
        private final Map<String, AlertInstance> open = new HashMap<>();
        private final Map<String, AlertInstance> shown = new HashMap<>();
        private final Map<String, Integer> lives = new HashMap<>();
        private final Set<String> told = new HashSet<>();
        private final List<Change> changes = new ArrayList<>();
        private long clock;

        private Target(long seed) {
            random = new Random(seed);
            for (int rule = 0; rule < RULES; rule++) {
                String explains =
                        random.nextInt(3) == 0 ? "" : "r[" + random.nextInt(RULES) + "-9]";
                List<String> by =
                        random.nextInt(4) == 0 ? List.of("r" + random.nextInt(RULES)) : List.of();
                for (int i = 0; i < 2; i++) {
                    subjects.add(
                            Symptoms.subject(
                                    "r" + rule, "shop||m" + rule / 2 + "|i=" + i, explains, by));
                }
            }
        }

        private TargetAlerts alerts() {
            return new TargetAlerts(
                    state,
                    this,
                    patterns,
                    "shop",
                    BusinessHours.DEFAULT,
                    ExplainAlerts.WAIT_MILLIS,
                    this::say);
        }

        private void say(AlertInstance change) {
            AlertInstance before = shown.put(change.subject().key(), change);
            assertThat(before == null || before.open()).as("over is over").isTrue();
            assertThat(before == null || before.at() < change.at()).as("times grow").isTrue();
            assertThat(before == null || !before.told() || change.told()).isTrue();
            if (change.status() == AlertStatus.FIRING) {
                told.add(change.subject().key());
            }
            assertThat(change.told()).isEqualTo(told.contains(change.subject().key()));
        }

        private void step() throws Exception {
            pass(random.nextInt(4) == 0 ? random.nextInt(3_000) : random.nextInt(100));
            AlertSubject subject = subjects.get(random.nextInt(subjects.size()));
            int life = lives.getOrDefault(subject.key(), 0);
            String key = subject.key() + "#" + life;
            AlertInstance before = open.get(key);
            Severity severity = random.nextBoolean() ? Severity.WARNING : Severity.CRITICAL;
            AlertStatus status;
            if (before == null || random.nextInt(3) == 0) {
                status =
                        random.nextInt(5) == 0
                                ? AlertStatus.SUPPRESSED
                                : before != null && random.nextInt(3) == 0
                                        ? AlertStatus.ACKNOWLEDGED
                                        : AlertStatus.FIRING;
            } else {
                status = AlertStatus.RESOLVED;
                lives.put(subject.key(), life + 1);
            }
            change(named(subject, key), before, status, severity);
        }

        private void change(
                AlertSubject subject, AlertInstance before, AlertStatus status, Severity severity)
                throws Exception {
            boolean wasTold = before != null && before.told() || status == AlertStatus.FIRING;
            String by =
                    status != AlertStatus.SUPPRESSED
                            ? ""
                            : random.nextBoolean() ? "silenced by ann" : "outside business hours";
            AlertInstance now =
                    Symptoms.alert(
                            subject,
                            status,
                            severity,
                            before == null ? clock : before.firedAt() - T0,
                            before == null ? clock : Math.max(clock, before.at() - T0 + 1),
                            wasTold,
                            by);
            take(now);
        }

        private void take(AlertInstance now) throws Exception {
            if (now.status() == AlertStatus.RESOLVED) {
                open.remove(now.subject().key());
            } else {
                open.put(now.subject().key(), now);
            }
            changes.add(new Change(clock, now));
            alerts().change(now, T0 + clock);
        }

        /** Of each alert that is over how bad it was, from when to when. */
        private Map<String, String> ends() {
            Map<String, String> ends = new TreeMap<>();
            for (AlertInstance alert : shown.values()) {
                ends.put(
                        alert.subject().key(),
                        "%s %s %d %d"
                                .formatted(
                                        alert.status(),
                                        alert.severity(),
                                        alert.firedAt(),
                                        alert.resolvedAt()));
            }
            return ends;
        }

        private static AlertSubject named(AlertSubject s, String key) {
            return new AlertSubject(
                    key,
                    s.ruleKey(),
                    s.ruleName(),
                    s.ruleVersion(),
                    s.description(),
                    s.runbook(),
                    s.channels(),
                    s.escalation(),
                    s.tenant(),
                    s.target(),
                    s.series(),
                    s.metric(),
                    s.labels(),
                    s.unit(),
                    s.groupKey(),
                    s.inhibitedBy(),
                    s.explains(),
                    s.suppressionMinutes(),
                    s.businessHoursOnly(),
                    s.pollMillis());
        }

        private void pass(long millis) throws Exception {
            clock += millis;
            while (!wakings.isEmpty() && wakings.firstKey() <= T0 + clock) {
                Map.Entry<Long, List<String>> due = wakings.pollFirstEntry();
                alerts().decide(due.getValue(), due.getKey());
            }
        }

        private void settle() throws Exception {
            pass(100_000);
            assertThat(wakings).as("nothing wakes for ever").isEmpty();
        }

        private void endAll() throws Exception {
            for (AlertInstance alert : List.copyOf(open.values())) {
                change(alert.subject(), alert, AlertStatus.RESOLVED, alert.severity());
            }
        }

        private void assertEnds() {
            assertThat(shown.values()).allMatch(alert -> !alert.open());
        }

        /** How many causes lead to the one that is told. */
        private int followed(AlertInstance start, long seed) {
            AlertInstance at = start;
            int steps = 0;
            while (at.status() == AlertStatus.SUPPRESSED) {
                Matcher cause = CAUSE.matcher(at.suppressedBy());
                if (!cause.matches()) {
                    // Somebody silenced the cause.
                    assertThat(at).isNotSameAs(start);
                    return steps;
                }
                assertThat(steps++).as("seed %d: a circle", seed).isLessThan(2 * RULES);
                at = byHash(cause.group(1));
                assertThat(at.open()).as("seed %d: its cause holds", seed).isTrue();
                if (start.severity() == Severity.CRITICAL) {
                    assertThat(at.severity())
                            .as("seed %d: so is its cause", seed)
                            .isEqualTo(Severity.CRITICAL);
                    assertThat(at.isSilenced()).as("seed %d: it is heard of", seed).isFalse();
                }
            }
            return steps;
        }

        private AlertInstance byHash(String hash) {
            return shown.values().stream()
                    .filter(
                            alert ->
                                    HexFormat.of()
                                            .formatHex(HashKey.of(alert.subject().key()))
                                            .equals(hash))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public HeldSeries get(String text) {
            return series.getOrDefault(text, HeldSeries.NONE);
        }

        @Override
        public void put(String text, HeldSeries alerts) {
            if (alerts.alerts().isEmpty()) {
                series.remove(text);
            } else {
                series.put(text, alerts);
            }
        }

        @Override
        public Iterable<HeldSeries> all() {
            return List.copyOf(series.values());
        }

        @Override
        public long eventTime() {
            return T0 + clock;
        }

        @Override
        public void wake(long at, String text) {
            List<String> known = wakings.computeIfAbsent(at, time -> new ArrayList<>());
            if (!known.contains(text)) {
                known.add(text);
            }
        }

        @Override
        public boolean endedUntold(String ruleAndSeries) {
            return untold.containsKey(ruleAndSeries);
        }

        @Override
        public void keepEndedUntold(String ruleAndSeries, long until) {
            if (until == 0) {
                untold.remove(ruleAndSeries);
            } else {
                untold.put(ruleAndSeries, until);
            }
        }
    }
}
