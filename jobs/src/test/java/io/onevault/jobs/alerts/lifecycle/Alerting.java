package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.Silence;
import io.onevault.jobs.alerts.rules.SilenceIndex;
import io.onevault.jobs.testing.TestRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One rule and one series under a test's hand, times in seconds after {@link #T0}. */
final class Alerting {

    /** A Wednesday, 12:00 UTC. */
    static final long T0 = Instant.parse("2026-11-18T12:00:00Z").toEpochMilli();

    static final AlertRule ABOVE = rule(Condition.THRESHOLD, Direction.ABOVE, 80, 95, 70);

    AlertState state = new AlertState();
    final List<AlertInstance> said = new ArrayList<>();
    private final LifecycleSettings settings;
    private AlertRule rule;
    private final SilenceIndex silences = new SilenceIndex();
    private int heard;

    Alerting(AlertRule rule) {
        this(rule, LifecycleSettings.DEFAULT);
    }

    Alerting(AlertRule rule, LifecycleSettings settings) {
        this.rule = rule;
        this.settings = settings;
    }

    void value(double seconds, double value) {
        current().observe(at(seconds), value, "", 0);
    }

    void values(double from, double step, double... values) {
        for (int i = 0; i < values.length; i++) {
            value(from + i * step, values[i]);
        }
    }

    void pass(double seconds) {
        current().pass(at(seconds), 0);
    }

    void edit(double seconds, AlertRule changed) {
        rule = changed;
        current().adopt(at(seconds));
    }

    AlertCase current() {
        SeriesId id = new SeriesId("prod", "acme", "used_pct", Map.of("database", "app"));
        return new AlertCase(
                settings,
                rule,
                new WatchedSeries(id, id.text(), "%", 10_000, 86_400_000),
                state,
                (of, in, time) -> silences.over(of, in.text(), in.id(), time),
                said::add);
    }

    /** Somebody takes note. */
    void note(long row, double seconds, String by, long until) {
        current().note(at(seconds), new Acknowledgement("", row, by, until, false), 0);
    }

    /** Somebody takes that back. */
    void noteEnded(long row, double seconds) {
        current().note(at(seconds), new Acknowledgement("", row, "", 0, true), 0);
    }

    /** Somebody silences it. */
    void silence(String key, double from, double until) {
        silences.add(
                List.of(
                        new Silence(
                                key,
                                "",
                                1,
                                "us.*",
                                "",
                                "",
                                Map.of(),
                                at(from),
                                at(until),
                                "ann",
                                "maintenance " + key)));
    }

    /** Somebody takes that back. */
    void unsilence(String key) {
        silences.remove(List.of(key));
    }

    /** What was said since this was last asked: status, severity and seconds of each. */
    List<String> heard() {
        List<String> all =
                said.subList(heard, said.size()).stream()
                        .map(
                                a ->
                                        "%s %s %d"
                                                .formatted(
                                                        a.status(),
                                                        a.severity(),
                                                        Math.floorDiv(a.at() - T0, 1000L)))
                        .toList();
        heard = said.size();
        return all;
    }

    AlertInstance last() {
        return said.get(said.size() - 1);
    }

    static long at(double seconds) {
        return T0 + Math.round(seconds * 1000);
    }

    static AlertRule rule(
            Condition condition,
            Direction direction,
            double warning,
            double critical,
            double clear) {
        return TestRule.named("used")
                .version(7)
                .metric("used_pct")
                .condition(condition)
                .direction(direction)
                .thresholds(warning, critical)
                .clear(clear)
                .build();
    }

    static AlertRule with(
            AlertRule r,
            long version,
            Map<String, String> parameters,
            double warning,
            double critical,
            int forSeconds,
            boolean businessHoursOnly,
            int suppressionMinutes) {
        return TestRule.like(r)
                .version(version)
                .parameters(parameters)
                .thresholds(warning, critical)
                .forSeconds(forSeconds)
                .businessHoursOnly(businessHoursOnly)
                .suppressionMinutes(suppressionMinutes)
                .build();
    }

    static AlertRule explaining(AlertRule r, long version, String explains, String inhibitedBy) {
        return TestRule.like(r)
                .version(version)
                .explains(explains)
                .inhibitedBy(inhibitedBy)
                .build();
    }

    static AlertRule holding(AlertRule r, int forSeconds) {
        return with(
                r, r.version(), r.parameters(), r.warning(), r.critical(), forSeconds, false, 0);
    }

    static AlertRule suppressing(AlertRule r, int minutes) {
        return with(r, r.version(), r.parameters(), r.warning(), r.critical(), 0, false, minutes);
    }

    static AlertRule inBusinessHours(AlertRule r) {
        return with(r, r.version(), r.parameters(), r.warning(), r.critical(), 0, true, 0);
    }

    static AlertRule parameter(AlertRule r, String name, int value) {
        return with(
                r,
                r.version(),
                Map.of(name, Integer.toString(value)),
                r.warning(),
                r.critical(),
                r.forSeconds(),
                false,
                r.suppressionMinutes());
    }
}
