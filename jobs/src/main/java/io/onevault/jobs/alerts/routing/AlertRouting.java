package io.onevault.jobs.alerts.routing;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.jobs.alerts.lifecycle.Severity;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Whom alerts are told, and how often at most.
 *
 * @param channels all there are; none tells nobody
 * @param defaults names of those for rules that name none
 * @param leastSeverity by channel, how bad an alert must be to go there; of a channel that is not
 *     in it, a warning
 * @param groupWait how long the first message of a group waits for company; default half a second
 * @param groupInterval how long after a message of a group the next one comes at the earliest;
 *     default one minute
 * @param link where to read on, with <code>{alert_id}</code> for the alert's hash key; empty
 *     (default) for none
 */
public record AlertRouting(
        List<ChannelOptions> channels,
        List<String> defaults,
        Map<String, Severity> leastSeverity,
        Duration groupWait,
        Duration groupInterval,
        String link)
        implements Serializable {

    /** Default of {@link #groupWait}. */
    public static final Duration DEFAULT_WAIT = Duration.ofMillis(500);

    /** Default of {@link #groupInterval}. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofMinutes(1);

    /** Tells nobody. */
    public static final AlertRouting NONE =
            new AlertRouting(List.of(), List.of(), Map.of(), DEFAULT_WAIT, DEFAULT_INTERVAL, "");

    public AlertRouting {
        channels = List.copyOf(channels);
        defaults = List.copyOf(defaults);
        leastSeverity = Map.copyOf(leastSeverity);
    }

    /** How bad an alert must be to go to a channel. */
    public Severity leastSeverity(String channel) {
        return leastSeverity.getOrDefault(channel, Severity.WARNING);
    }

    /**
     * Where an alert goes.
     *
     * @param ofRule what its rule names; empty for nothing
     */
    List<String> route(List<String> ofRule, Severity severity) {
        return (ofRule.isEmpty() ? defaults : ofRule)
                .stream()
                        .distinct()
                        .filter(channel -> severity.compareTo(leastSeverity(channel)) >= 0)
                        .toList();
    }
}
