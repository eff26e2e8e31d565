package io.onevault.jobs.alerts.lifecycle;

/** What happens to an alert. */
enum Trigger {
    /** The condition has held for as long as the rule asks. */
    HELD,
    /** The same while something silences it. */
    HELD_IN_SILENCE,
    /** Somebody silenced it after it had fired, or what silences it is another thing now. */
    SILENCED,
    /** Nothing silences it any longer. */
    RELEASED,
    /** Somebody has taken note. */
    ACKNOWLEDGED,
    /** The note taken no longer counts. */
    UNACKNOWLEDGED,
    /** It became worse, or less bad. */
    SEVERITY_CHANGED,
    /** The value is in order again. */
    CLEARED,
    /** Its rule or its series is gone. */
    ENDED
}
