package io.onevault.jobs.alerts.lifecycle;

import java.io.Serializable;
import java.time.Duration;
import java.util.Map;

/**
 * What all alerts have in common.
 *
 * @param businessHours of rules that keep to them
 * @param staleAfter how long after its last value an open alert ends, unless its series is polled
 *     so rarely that four polls take longer; default fifteen minutes
 * @param flapWindow within which firings are counted; default one hour
 * @param flapCount from how many firings in it an alert counts as flapping; default 3
 * @param flapHold how long the value must be in order before a flapping alert ends; default ten
 *     minutes
 * @param forgetAfter how long after its last value a series that must not be absent is forgotten;
 *     default seven days
 * @param together by target, such as a pool, the target it depends on, such as its server: alerts
 *     of that one explain those of the first, and they share incidents; default none
 */
public record LifecycleSettings(
        BusinessHours businessHours,
        Duration staleAfter,
        Duration flapWindow,
        int flapCount,
        Duration flapHold,
        Duration forgetAfter,
        Map<String, String> together)
        implements Serializable {

    public LifecycleSettings {
        together = Map.copyOf(together);
    }

    /** Every target for itself. */
    public LifecycleSettings(
            BusinessHours businessHours,
            Duration staleAfter,
            Duration flapWindow,
            int flapCount,
            Duration flapHold,
            Duration forgetAfter) {
        this(businessHours, staleAfter, flapWindow, flapCount, flapHold, forgetAfter, Map.of());
    }

    /** The target for which all that belong together with it stand. */
    public String systemOf(String target) {
        return together.getOrDefault(target, target);
    }

    public static final LifecycleSettings DEFAULT =
            new LifecycleSettings(
                    BusinessHours.DEFAULT,
                    Duration.ofMinutes(15),
                    Duration.ofHours(1),
                    3,
                    Duration.ofMinutes(10),
                    Duration.ofDays(7));
}
