package io.onevault.jobs.alerts.findings;

import java.util.ArrayList;
import java.util.List;

/** What happened lately in one series, oldest first; a POJO for keyed state. */
public final class RecentState {

    public List<FoundEvent> events = new ArrayList<>();

    /** Time of the last value. */
    public long lastMillis;

    /** Time of the newest event, on its server's clock. */
    public long heardMillis;

    /** When an event was last heard of, on this machine's clock. */
    public long heardAt;

    /** When the last value was said, on this machine's clock. */
    public long saidAt;

    /** When this machine's clock wakes it next, 0 for no timer. */
    public long timerAt;
}
