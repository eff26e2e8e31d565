package io.onevault.jobs.alerts.lifecycle;

import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.Silence;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Why an alert that holds is not told.
 *
 * @param by in words
 * @param until when that ends at the latest, milliseconds since the epoch
 */
record Quiet(String by, long until) {

    private static final String SILENCED = "silenced by ";
    private static final String REPEATED = "told before, ended less than ";

    /** Whether these words say that trouble was told shortly before. */
    static boolean isRepeat(String by) {
        return by.startsWith(REPEATED);
    }

    /** Whether these words say that somebody silenced it. */
    static boolean isSilence(String by) {
        return by.startsWith(SILENCED);
    }

    /** A silence that somebody set, also for alerts that were told; null for none. */
    static @Nullable Quiet bySilence(
            Silences silences, AlertRule rule, WatchedSeries series, long time) {
        Silence silence = silences.over(rule, series, time);
        return silence == null
                ? null
                : new Quiet(
                        (SILENCED + "%s until %s: %s")
                                .formatted(
                                        silence.by(),
                                        Instant.ofEpochMilli(silence.until()),
                                        silence.reason()),
                        silence.until());
    }

    /** What keeps an alert that was not told yet from being told; null for nothing. */
    static @Nullable Quiet untold(
            LifecycleSettings settings,
            AlertRule rule,
            AlertState state,
            long time,
            Severity severity) {
        BusinessHours hours = settings.businessHours();
        if (rule.businessHoursOnly() && !hours.contains(time)) {
            return new Quiet(BusinessHours.OUTSIDE, hours.nextStart(time));
        }
        Severity told = state.endedSeverity;
        long until = state.endedAt + rule.suppressionMinutes() * 60_000L;
        if (told != null && time < until && severity.compareTo(told) <= 0) {
            return new Quiet(REPEATED + rule.suppressionMinutes() + " min ago", until);
        }
        return null;
    }
}
