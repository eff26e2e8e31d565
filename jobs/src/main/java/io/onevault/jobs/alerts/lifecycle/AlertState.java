package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.history.RememberedAlert;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one rule and one series between two values; a POJO for keyed state, changed
 * by {@link AlertCase} and {@link TakenUp} alone. Times are milliseconds since the epoch, 0 for
 * none.
 */
public final class AlertState {

    public String ruleKey = "";
    public long ruleVersion;

    /** Condition and parameters that the rest belongs to. */
    public String condition = "";

    /** The alert that is not over. */
    public @Nullable AlertInstance open;

    /** An alert that only the vault remembers, and that does not go on yet. */
    public @Nullable RememberedAlert waiting;

    /** Of the newest value, also of one that says nothing. */
    public long lastAt;

    /** What was judged last; NaN for nothing yet. */
    public double lastValue = Double.NaN;

    /** What was behind it, for people. */
    public String about = "";

    /** Since when the value is beyond the first threshold without a break. */
    public long crossedSince;

    public long criticalSince;

    /** Since when the value of an alert is in order. */
    public long clearSince;

    /** Since when the value of a critical alert is less than critical. */
    public long lessSince;

    public long acknowledgedUntil;

    /** The newest note of the alert: when its row was made, microseconds since the epoch. */
    public long noteRow;

    /** What that row said, {@link AlertCase#TAKEN_BACK} where it ended. */
    public long noteUntil;

    public long suppressedUntil;

    /** When an absent series was looked at last. */
    public long lookedAt;

    /** When the last alert that was told ended. */
    public long endedAt;

    /** How bad that was. */
    public @Nullable Severity endedSeverity;

    public List<Long> firings = new ArrayList<>();

    /** For rates of change: parts of the window with the extremes of each, oldest first. */
    public List<Long> partStarts = new ArrayList<>();

    public List<Double> partLeast = new ArrayList<>();
    public List<Double> partMost = new ArrayList<>();
}
