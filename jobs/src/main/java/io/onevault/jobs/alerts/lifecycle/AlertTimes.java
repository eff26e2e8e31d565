package io.onevault.jobs.alerts.lifecycle;

import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;

/**
 * When time alone matters to an alert, without a value. All in milliseconds since the epoch.
 *
 * @param state of the rule and the series
 */
record AlertTimes(
        LifecycleSettings settings, AlertRule rule, WatchedSeries watched, AlertState state) {

    private static final int SILENT_POLLS = 4;

    /** How often an absent series is looked at, for it has no values that would lead to that. */
    private static final long LOOK_MILLIS = 30_000;

    /** Windows, which deviations are of, may be half an hour long. */
    private static final long WINDOWS_MILLIS = 3_600_000;

    /** When time alone will next matter; {@link Long#MAX_VALUE} for never. */
    long nextDue(long watchedSince) {
        long seen = Math.max(state.lastAt, watchedSince);
        long due = Long.MAX_VALUE;
        if (state.lastAt != 0 && rule.condition() == Condition.ABSENCE) {
            due = Math.min(absenceStep(seen), seen + silenceMillis());
        } else if (state.lastAt != 0 && (state.open != null || !state.partStarts.isEmpty())) {
            due = seen + silenceMillis();
        }
        return state.open == null && remembers() ? Math.min(due, memoryEnd()) : due;
    }

    /** When an absent series is looked at next. */
    long absenceStep(long seen) {
        AlertInstance open = state.open;
        if (open == null) {
            return seen + parameterMillis("absent_seconds");
        }
        long look = Math.max(state.lookedAt, open.pendingSince()) + LOOK_MILLIS;
        return switch (open.status()) {
            case PENDING -> state.crossedSince + rule.forSeconds() * 1000L;
            case SUPPRESSED -> sooner(look, state.suppressedUntil);
            case ACKNOWLEDGED -> sooner(look, state.acknowledgedUntil);
            case FIRING, RESOLVED -> look;
        };
    }

    private long sooner(long look, long end) {
        return end > state.lookedAt ? Math.min(look, end) : look;
    }

    /** How long after its last value a series is gone. */
    long silenceMillis() {
        long least =
                switch (rule.condition()) {
                    case ABSENCE ->
                            Math.max(
                                    settings.forgetAfter().toMillis(),
                                    2 * parameterMillis("absent_seconds"));
                    case ANOMALY -> Math.max(settings.staleAfter().toMillis(), WINDOWS_MILLIS);
                    case THRESHOLD, RATE_OF_CHANGE, FORECAST -> settings.staleAfter().toMillis();
                };
        long spacing =
                rule.condition() == Condition.FORECAST
                        ? watched.forecastMillis()
                        : watched.pollMillis();
        return Math.max(least, SILENT_POLLS * spacing);
    }

    /** Whether alerts that are over still matter. */
    boolean remembers() {
        return state.endedAt != 0 || !state.firings.isEmpty();
    }

    long memoryEnd() {
        int last = state.firings.size() - 1;
        long flaps = last < 0 ? 0 : state.firings.get(last) + settings.flapWindow().toMillis();
        return Math.max(flaps, state.endedAt + suppressionMillis());
    }

    long suppressionMillis() {
        return rule.suppressionMinutes() * 60_000L;
    }

    long parameterMillis(String name) {
        return Long.parseLong(rule.parameters().getOrDefault(name, "0")) * 1000L;
    }
}
