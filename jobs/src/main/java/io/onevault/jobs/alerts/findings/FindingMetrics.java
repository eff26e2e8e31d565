package io.onevault.jobs.alerts.findings;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricKind;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The metrics that findings have. They are no part of the catalogue, for nobody polls them and no
 * window is cut of them: only alerts see them.
 */
public final class FindingMetrics {

    static final String BLOCKING_SECONDS = "blocking_seconds";
    static final String BLOCKED_SESSIONS = "blocked_sessions";
    static final String BLOCKING_IMPACT = "blocking_impact";
    static final String DEADLOCKS = "deadlocks_found";
    static final String DAYS_TO_CAPACITY = "days_to_capacity";
    static final String DAYS_TO_CRITICAL = "days_to_critical";
    static final String DAYS_TO_WARNING = "days_to_warning";
    static final String CHANGES_BROKEN = "change_stream_broken";
    static final String CHANGE_GAPS = "change_gaps";
    static final String DEAD_LETTERS = "change_dead_letters";
    static final String RULES_REJECTED = "rules_rejected";
    static final String SETTINGS_CHANGED = "settings_changed";
    static final String PRIVILEGES_CHANGED = "privileges_changed";
    static final String POWERS_GAINED = "powers_gained";
    static final String FAILED_LOGINS = "failed_logins";
    static final String SERVER_CRASHES = "server_crashes";
    static final String CORRUPTION_ERRORS = "corruption_errors";
    static final String RESOURCE_ERRORS = "resource_errors";

    public static final List<MetricDefinition> DEFINITIONS =
            List.of(
                    gauge(
                            BLOCKING_SECONDS,
                            "s",
                            "PERFORMANCE",
                            Direction.ABOVE,
                            "How long the one who waits longest behind a blocker has waited"),
                    gauge(
                            BLOCKED_SESSIONS,
                            "count",
                            "PERFORMANCE",
                            Direction.ABOVE,
                            "How many sessions wait behind one blocker"),
                    gauge(
                            BLOCKING_IMPACT,
                            "count",
                            "PERFORMANCE",
                            Direction.ABOVE,
                            "The impact score of a blocking incident, 0 to 100"),
                    gauge(
                            DEADLOCKS,
                            "count",
                            "PERFORMANCE",
                            Direction.ABOVE,
                            "Deadlocks of the last ten minutes, from the moment a cycle stands"),
                    days(DAYS_TO_CAPACITY, "Days until a resource is likely to be full"),
                    days(DAYS_TO_CRITICAL, "Days until its critical level is likely"),
                    days(DAYS_TO_WARNING, "Days until its warning level is likely"),
                    events(
                            CHANGES_BROKEN,
                            "Times that a stream of changes had to stop: while it stands still, and"
                                    + " a quarter of an hour after"),
                    events(
                            CHANGE_GAPS,
                            "Stretches without changes told in the last hour, after which it"
                                    + " went on"),
                    events(DEAD_LETTERS, "Changes of the last hour that could not be decoded"),
                    events(
                            RULES_REJECTED,
                            "Rules and thresholds whose newest version was rejected"),
                    events(SETTINGS_CHANGED, "Settings whose value changed in the last hour"),
                    security(
                            PRIVILEGES_CHANGED,
                            "Changes of roles, memberships and privileges in the last hour"),
                    security(
                            POWERS_GAINED,
                            "Times that a role came by superuser, replication or the like in the"
                                    + " last hour"),
                    security(FAILED_LOGINS, "Logins refused in the last ten minutes"),
                    events(SERVER_CRASHES, "Crashes of server processes in the last hour"),
                    events(
                            CORRUPTION_ERRORS,
                            "Statements of the last hour that met damaged data or a failing disk"),
                    events(
                            RESOURCE_ERRORS,
                            "What was refused in the last ten minutes for lack of something"));

    /** How seldom their series may have a value; four times that is silence. */
    private static final Map<String, Duration> INTERVALS =
            Map.ofEntries(
                    Map.entry(DEADLOCKS, Duration.ofMinutes(3)),
                    Map.entry(CHANGES_BROKEN, Duration.ofMinutes(20)),
                    Map.entry(CHANGE_GAPS, Duration.ofMinutes(20)),
                    Map.entry(DEAD_LETTERS, Duration.ofMinutes(20)),
                    Map.entry(RULES_REJECTED, Duration.ofHours(7)),
                    Map.entry(SETTINGS_CHANGED, Duration.ofMinutes(20)),
                    Map.entry(PRIVILEGES_CHANGED, Duration.ofMinutes(20)),
                    Map.entry(POWERS_GAINED, Duration.ofMinutes(20)),
                    Map.entry(FAILED_LOGINS, Duration.ofMinutes(3)),
                    Map.entry(SERVER_CRASHES, Duration.ofMinutes(20)),
                    Map.entry(CORRUPTION_ERRORS, Duration.ofMinutes(20)),
                    Map.entry(RESOURCE_ERRORS, Duration.ofMinutes(3)));

    private FindingMetrics() {}

    /**
     * How seldom their series may have a value, by metric.
     *
     * @param refit how often a resource is forecast
     */
    public static Map<String, Duration> intervals(Duration refit) {
        Map<String, Duration> all = new HashMap<>(INTERVALS);
        all.put(DAYS_TO_CAPACITY, refit);
        all.put(DAYS_TO_CRITICAL, refit);
        all.put(DAYS_TO_WARNING, refit);
        return all;
    }

    private static MetricDefinition days(String name, String description) {
        return gauge(name, "days", "CAPACITY", Direction.BELOW, description);
    }

    private static MetricDefinition events(String name, String description) {
        return gauge(name, "count", "AVAILABILITY", Direction.ABOVE, description);
    }

    private static MetricDefinition security(String name, String description) {
        return gauge(name, "count", "SECURITY", Direction.ABOVE, description);
    }

    private static MetricDefinition gauge(
            String name, String unit, String category, Direction direction, String description) {
        return new MetricDefinition(
                name,
                MetricKind.GAUGE,
                unit,
                category,
                Double.NaN,
                Double.NaN,
                direction,
                description);
    }
}
