package io.onevault.jobs.capacity.forecast;

import java.io.Serializable;
import java.time.Duration;
import java.util.Map;

/**
 * How resources are forecast. All times are event time.
 *
 * @param period length of the windows that become states of resources: one hour, the roll-up, or
 *     the length of the windows themselves; default one hour
 * @param refit how often a resource is forecast; the resources' turns are spread over it; default
 *     one day
 * @param spread within which many resources that are due at once, after a start or a jump of event
 *     time, get their turns; default ten minutes
 * @param historyDays of daily points a resource is forecast from, 30 to 2,400; default 730
 * @param expiry a resource that is silent for this long is forgotten; default 60 days
 * @param warning share of the capacity in percent at which people want to know; default 80
 * @param critical the share at which it is too late; default 90
 * @param loadHistory whether the past is read from the vault when the job starts for the first time
 * @param connections how applications reach a server, by the target's name, where it is known
 */
public record ForecastSettings(
        Duration period,
        Duration refit,
        Duration spread,
        int historyDays,
        Duration expiry,
        double warning,
        double critical,
        boolean loadHistory,
        Map<String, ConnectionPlan> connections)
        implements Serializable {

    public static final int LEAST_HISTORY_DAYS = 30;
    public static final int MOST_HISTORY_DAYS = 2_400;

    public static final ForecastSettings DEFAULT =
            new ForecastSettings(
                    Duration.ofHours(1),
                    Duration.ofDays(1),
                    Duration.ofMinutes(10),
                    730,
                    Duration.ofDays(60),
                    80,
                    90,
                    true,
                    Map.of());

    /** Without a word on connections. */
    public ForecastSettings(
            Duration period,
            Duration refit,
            Duration spread,
            int historyDays,
            Duration expiry,
            double warning,
            double critical,
            boolean loadHistory) {
        this(period, refit, spread, historyDays, expiry, warning, critical, loadHistory, Map.of());
    }

    public ForecastSettings {
        connections = Map.copyOf(connections);
        if (period.compareTo(Duration.ofSeconds(1)) < 0
                || period.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException(
                    "a state of a resource covers from a second to an hour");
        }
        if (refit.compareTo(Duration.ofSeconds(1)) < 0
                || spread.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("refit and spread are longer than nothing");
        }
        if (historyDays < LEAST_HISTORY_DAYS || historyDays > MOST_HISTORY_DAYS) {
            throw new IllegalArgumentException(
                    "a history has %d to %d days".formatted(LEAST_HISTORY_DAYS, MOST_HISTORY_DAYS));
        }
        if (expiry.compareTo(refit) <= 0) {
            throw new IllegalArgumentException(
                    "a resource must outlive the time between forecasts");
        }
        if (!(warning > 0 && warning <= critical && critical <= 100)) {
            throw new IllegalArgumentException(
                    "warning is above 0 and at most critical, critical at most 100 percent");
        }
    }
}
