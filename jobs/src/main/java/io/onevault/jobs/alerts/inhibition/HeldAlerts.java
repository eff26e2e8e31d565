package io.onevault.jobs.alerts.inhibition;

/** Where {@link TargetAlerts} keeps what it remembers of one target. */
interface HeldAlerts {

    /** The alerts of a series; {@link HeldSeries#NONE} for none. */
    HeldSeries get(String series) throws Exception;

    /** Keeps the alerts of a series; forgets the series when there are none. */
    void put(String series, HeldSeries alerts) throws Exception;

    /** All series that have alerts. */
    Iterable<HeldSeries> all() throws Exception;

    /** How far the watched servers' clocks are, milliseconds since the epoch; 0 for unknown. */
    long eventTime();

    /** Asks for {@link TargetAlerts#decide} at a time, this machine's clock. */
    void wake(long at, String series) throws Exception;

    /** Whether the last alert of the rule and series ended without being told. */
    boolean endedUntold(String ruleAndSeries) throws Exception;

    /**
     * Remembers that.
     *
     * @param until event time, milliseconds since the epoch; 0 forgets it
     */
    void keepEndedUntold(String ruleAndSeries, long until) throws Exception;
}
