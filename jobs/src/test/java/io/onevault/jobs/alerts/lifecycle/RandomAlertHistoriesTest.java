package io.onevault.jobs.alerts.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What holds for every history of values, timers, edits and notes taken; seeds are in the names.
 */
class RandomAlertHistoriesTest {

    private static final int HISTORIES = 200;
    private static final int STEPS = 300;

    private static final TypeSerializer<AlertState> SERIALIZER =
            TypeInformation.of(AlertState.class).createSerializer(new SerializerConfigImpl());

    @ParameterizedTest
    @EnumSource(
            value = Condition.class,
            names = {"THRESHOLD", "RATE_OF_CHANGE", "ABSENCE"})
    void whatWasToldFiringIsToldResolvedOrOpen(Condition condition) {
        Set<AlertStatus> reached = EnumSet.noneOf(AlertStatus.class);
        int ended = 0;
        for (int seed = 0; seed < HISTORIES; seed++) {
            Alerting alert = played(condition, seed, false);
            Map<String, AlertInstance> last = new HashMap<>();
            Set<String> told = new HashSet<>();
            for (AlertInstance change : alert.said) {
                AlertInstance before = last.put(change.subject().key(), change);
                reached.add(change.status());
                if (before != null) {
                    assertThat(before.open()).as("seed %d: over is over", seed).isTrue();
                    assertThat(change.at()).as("seed %d", seed).isGreaterThan(before.at());
                }
                if (change.status() == AlertStatus.FIRING) {
                    told.add(change.subject().key());
                }
                assertThat(change.told())
                        .as("seed %d: whether it was told", seed)
                        .isEqualTo(told.contains(change.subject().key()));
            }
            List<String> open = new ArrayList<>();
            last.values().stream()
                    .filter(AlertInstance::open)
                    .forEach(a -> open.add(a.subject().key()));
            assertThat(open).as("seed %d: one alert at a time", seed).hasSizeLessThan(2);
            assertThat(alert.state.open == null)
                    .as("seed %d: open in memory is open for all", seed)
                    .isEqualTo(open.isEmpty());
            ended += last.size() - open.size();

            alert.pass(1e8);
            alert.pass(2e8);
            if (alert.state.open != null) {
                throw new AssertionError("seed " + seed + ": open for ever " + alert.state.open);
            }
            assertThat(alert.current().isForgettable())
                    .as("seed %d: nothing is kept for ever", seed)
                    .isTrue();
        }
        assertThat(reached).isEqualTo(EnumSet.allOf(AlertStatus.class));
        assertThat(ended).as("alerts that ended").isGreaterThan(HISTORIES);
    }

    @ParameterizedTest
    @EnumSource(
            value = Condition.class,
            names = {"THRESHOLD", "RATE_OF_CHANGE", "ABSENCE"})
    void replayGivesTheSameAlertsAlsoAcrossRestarts(Condition condition) {
        for (int seed = 0; seed < HISTORIES / 4; seed++) {
            List<AlertInstance> again = played(condition, seed, true).said;
            List<AlertInstance> first = played(condition, seed, false).said;
            for (int i = 0; i < Math.min(first.size(), again.size()); i++) {
                assertThat(again.get(i)).as("seed %d, change %d", seed, i).isEqualTo(first.get(i));
            }
            assertThat(again).as("seed %d", seed).hasSameSizeAs(first);
        }
    }

    /**
     * @param stuttering every value comes twice, timers come late or not at all between values that
     *     make them needless, and memory is written and read again at every step
     */
    private static Alerting played(Condition condition, long seed, boolean stuttering) {
        Random random = new Random(seed);
        AlertRule rule = rule(condition, random);
        Alerting alert = new Alerting(rule);
        double time = 0;
        double value = 60;
        for (int step = 0; step < STEPS; step++) {
            time += random.nextInt(40) == 0 ? 400 + random.nextInt(2_000) : 1 + random.nextInt(30);
            value = Math.max(0, Math.min(120, value + random.nextGaussian() * 12));
            int kind = random.nextInt(40);
            boolean silent = random.nextInt(15) == 0;
            if (stuttering) {
                restart(alert);
            } else {
                timers(alert, time);
            }
            if (kind == 2) {
                // Silences begin and end at any time, and are taken back.
                int key = random.nextInt(2);
                double length = 20 + random.nextInt(200);
                timers(alert, time);
                if (random.nextInt(3) == 0) {
                    alert.unsilence("s" + key);
                } else {
                    alert.silence("s" + key, time - 1, time + length);
                }
            } else if (kind == 0) {
                alert.note((long) time, time, "ann", Alerting.at(time + 120));
            } else if (kind == 1) {
                rule =
                        Alerting.with(
                                rule,
                                rule.version() + 1,
                                rule.parameters(),
                                rule.warning() + random.nextInt(5) - 2,
                                rule.critical(),
                                rule.forSeconds(),
                                rule.businessHoursOnly(),
                                rule.suppressionMinutes());
                timers(alert, time);
                alert.edit(time, rule);
            } else {
                alert.value(time, silent ? Double.NaN : value);
                if (stuttering) {
                    alert.value(time, value + 50);
                    alert.value(time - 0.5, value + 50);
                }
            }
        }
        timers(alert, time);
        return alert;
    }

    /** Timers that a stream's time, which is at {@code seconds}, has passed. */
    private static void timers(Alerting alert, double seconds) {
        for (long due = alert.current().nextDue(0);
                due < Alerting.at(seconds);
                due = alert.current().nextDue(0)) {
            alert.current().pass(due, 0);
            if (alert.current().nextDue(0) <= due) {
                throw new AssertionError("a timer that changes nothing");
            }
        }
    }

    private static AlertRule rule(Condition condition, Random random) {
        boolean rate = condition == Condition.RATE_OF_CHANGE;
        AlertRule plain =
                Alerting.rule(
                        condition, Direction.ABOVE, rate ? 15 : 80, rate ? 40 : 95, rate ? 5 : 70);
        String parameter = rate ? "window_seconds" : "absent_seconds";
        return Alerting.with(
                plain,
                1,
                condition == Condition.THRESHOLD
                        ? Map.of()
                        : Map.of(parameter, Integer.toString(20 + random.nextInt(60))),
                plain.warning(),
                plain.critical(),
                random.nextInt(3) * 15,
                random.nextInt(4) == 0,
                random.nextInt(3));
    }

    private static void restart(Alerting alert) {
        try {
            DataOutputSerializer bytes = new DataOutputSerializer(1_024);
            SERIALIZER.serialize(alert.state, bytes);
            alert.state =
                    SERIALIZER.deserialize(new DataInputDeserializer(bytes.getCopyOfBuffer()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
