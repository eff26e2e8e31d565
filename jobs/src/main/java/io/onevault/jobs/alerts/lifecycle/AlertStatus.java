package io.onevault.jobs.alerts.lifecycle;

/** Where an alert stands. */
public enum AlertStatus {
    /** The condition holds, but not yet for as long as the rule asks. */
    PENDING,
    /** To be told, or told. */
    FIRING,
    /** Somebody has taken note. */
    ACKNOWLEDGED,
    /** It holds, and something silences it. */
    SUPPRESSED,
    /** Over; a later one is another alert. */
    RESOLVED
}
