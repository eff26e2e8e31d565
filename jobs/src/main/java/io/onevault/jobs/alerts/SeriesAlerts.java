package io.onevault.jobs.alerts;

import io.onevault.jobs.alerts.lifecycle.AlertState;
import java.util.HashMap;
import java.util.Map;

/** Keyed state of {@link AlertFunction}: what is remembered of a series; a POJO. */
public final class SeriesAlerts {

    /** By the hash key of the rule's hub. */
    public Map<String, AlertState> byRule = new HashMap<>();

    /** The event-time timer that will come, milliseconds since the epoch; 0 for none. */
    public long timerAt;
}
