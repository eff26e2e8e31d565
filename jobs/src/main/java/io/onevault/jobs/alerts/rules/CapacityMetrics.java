package io.onevault.jobs.alerts.rules;

import java.util.Map;
import java.util.TreeMap;

/** Which of the catalogue's metrics says how full a resource is, in percent. */
public final class CapacityMetrics {

    private static final Map<String, String> RESOURCE_TYPES =
            Map.of(
                    "connections_used_pct", "CONNECTIONS",
                    "cpu_usage_pct", "CPU",
                    "disk_usage_pct", "STORAGE",
                    "memory_usage_pct", "MEMORY",
                    "mxid_used_pct", "MULTIXACT",
                    "sequence_used_pct", "SEQUENCE",
                    "xid_used_pct", "TRANSACTION_ID");

    private CapacityMetrics() {}

    /** The resource's type, empty for any other metric. */
    static String resourceType(String metric) {
        return RESOURCE_TYPES.getOrDefault(metric, "");
    }

    /**
     * The resource's name: the values of the series' labels in the order of the labels' names,
     * joined by dots, such as database, schema and sequence; without labels the target's name.
     */
    public static String resourceName(String target, Map<String, String> labels) {
        return labels.isEmpty() ? target : String.join(".", new TreeMap<>(labels).values());
    }
}
