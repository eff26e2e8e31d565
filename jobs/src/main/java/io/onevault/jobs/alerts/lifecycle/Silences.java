package io.onevault.jobs.alerts.lifecycle;

import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.Silence;
import org.jspecify.annotations.Nullable;

/** What people silenced, for an alert of a rule and a series at a moment. */
public interface Silences {

    /** Nobody silenced anything. */
    Silences NONE = (rule, series, time) -> null;

    /** The silence that counts; null for none. */
    @Nullable Silence over(AlertRule rule, WatchedSeries series, long time);
}
