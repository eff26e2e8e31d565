package io.onevault.jobs.capacity;

import io.onevault.jobs.metrics.MetricWindow;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which metrics of the catalogue say what a resource holds, and which say where it is full.
 *
 * <p>Where one metric gives the use and another the used share of the same thing, the capacity is
 * their quotient: that is the space programs can have and the connections ordinary roles can open,
 * not the nominal size. A share without an amount is a resource of its own, full at 100 %.
 */
public final class ResourceMetrics {

    /** Which value of a window is the use. */
    enum Statistic {
        /** The last: what piles up. */
        LAST,
        /** The highest: what has to suffice at every moment. */
        MAX,
        /** Exceeded one time in twenty: what may be short for a moment. */
        P95
    }

    /**
     * What a metric says of a resource.
     *
     * @param type the resource's type in the vault
     * @param sizedBy the metric that gives the used share in percent, null for none
     * @param full the capacity, NaN when not known from the metric alone
     */
    record Meaning(String type, Statistic statistic, @Nullable String sizedBy, double full) {}

    /** Of the connections, how many execute a statement. */
    static final String EXECUTING = "active_connections";

    private static final double PERCENT = 100;
    private static final double UNKNOWN = Double.NaN;

    private static final Map<String, Meaning> MEANINGS =
            Map.ofEntries(
                    amount("database_size_bytes", "STORAGE", Statistic.LAST, null),
                    amount("table_size_bytes", "STORAGE", Statistic.LAST, null),
                    amount("tenant_size_bytes", "STORAGE", Statistic.LAST, null),
                    amount("disk_used_bytes", "STORAGE", Statistic.LAST, "disk_usage_pct"),
                    amount("wal_size_bytes", "WAL", Statistic.MAX, null),
                    amount(
                            "slot_retained_wal_bytes",
                            "REPLICATION",
                            Statistic.MAX,
                            "slot_wal_keep_used_pct"),
                    amount(
                            "total_connections",
                            "CONNECTIONS",
                            Statistic.MAX,
                            "connections_used_pct"),
                    amount("xid_age", "TRANSACTION_ID", Statistic.MAX, "xid_used_pct"),
                    amount("mxid_age", "MULTIXACT", Statistic.MAX, "mxid_used_pct"),
                    share("cpu_usage_pct", "CPU", Statistic.P95),
                    share("memory_usage_pct", "MEMORY", Statistic.P95),
                    share("disk_busy_pct", "IO", Statistic.P95),
                    share("sequence_used_pct", "SEQUENCE", Statistic.LAST));

    /**
     * By the metric of the used share, or of another thing said of it: the metric of the amount.
     */
    private static final Map<String, String> SIZES =
            Map.of(
                    "disk_usage_pct",
                    "disk_used_bytes",
                    "slot_wal_keep_used_pct",
                    "slot_retained_wal_bytes",
                    "connections_used_pct",
                    "total_connections",
                    EXECUTING,
                    "total_connections",
                    "xid_used_pct",
                    "xid_age",
                    "mxid_used_pct",
                    "mxid_age");

    private ResourceMetrics() {}

    /** What the metric says is used, null when it does not say that. */
    static @Nullable Meaning of(String metric) {
        return MEANINGS.get(metric);
    }

    /** The metrics that say what is used, for a query: one object of plain words each. */
    static String asJson() {
        return new TreeMap<>(MEANINGS)
                .entrySet().stream()
                        .map(
                                e ->
                                        "{\"metric\": \"%s\", \"type\": \"%s\", \"statistic\": \"%s\", \"capacity\": %s}"
                                                .formatted(
                                                        e.getKey(),
                                                        e.getValue().type(),
                                                        e.getValue().statistic(),
                                                        Double.isNaN(e.getValue().full())
                                                                ? "null"
                                                                : e.getValue().full()))
                        .collect(Collectors.joining(", ", "[", "]"));
    }

    /** The metric of the resource that {@code metric} is about; empty for any other metric. */
    static String resourceMetric(String metric) {
        return MEANINGS.containsKey(metric) ? metric : SIZES.getOrDefault(metric, "");
    }

    /** The metric of the used share of what {@code metric} measures; empty for none. */
    public static String shareOf(String metric) {
        Meaning meaning = MEANINGS.get(metric);
        return meaning == null || meaning.sizedBy() == null ? "" : meaning.sizedBy();
    }

    /** The window's value that counts for the statistic. */
    static double value(MetricWindow window, Statistic statistic) {
        return switch (statistic) {
            case LAST -> window.last();
            case MAX -> window.max();
            case P95 -> window.p95();
        };
    }

    private static Map.Entry<String, Meaning> amount(
            String metric, String type, Statistic statistic, @Nullable String sizedBy) {
        return Map.entry(metric, new Meaning(type, statistic, sizedBy, UNKNOWN));
    }

    private static Map.Entry<String, Meaning> share(
            String metric, String type, Statistic statistic) {
        return Map.entry(metric, new Meaning(type, statistic, null, PERCENT));
    }
}
