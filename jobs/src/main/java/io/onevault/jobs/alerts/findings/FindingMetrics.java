package io.onevault.jobs.alerts.findings;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricKind;
import java.util.List;

/**
 * The metrics that findings have. They are no part of the catalogue, for nobody polls them and no
 * window is cut of them: only alerts see them.
 */
public final class FindingMetrics {

    static final String BLOCKING_SECONDS = "blocking_seconds";
    static final String BLOCKED_SESSIONS = "blocked_sessions";
    static final String BLOCKING_IMPACT = "blocking_impact";
    static final String DEADLOCKS = "deadlocks_found";

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
                            "Deadlocks of the last ten minutes, from the moment a cycle stands"));

    private FindingMetrics() {}

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
