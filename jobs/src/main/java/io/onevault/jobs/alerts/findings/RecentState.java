package io.onevault.jobs.alerts.findings;

import java.util.ArrayList;
import java.util.List;

/** What happened lately in one series, oldest first; a POJO for keyed state. */
public final class RecentState {

    public List<FoundEvent> events = new ArrayList<>();

    /** Time of the last value. */
    public long lastMillis;

    /** When this machine's clock has the oldest event leave, 0 for no timer. */
    public long timerAt;
}
