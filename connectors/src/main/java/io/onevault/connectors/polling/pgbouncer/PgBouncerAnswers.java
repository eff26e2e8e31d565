package io.onevault.connectors.polling.pgbouncer;

import io.onevault.connectors.polling.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads the rows of {@code SHOW POOLS}, {@code STATS}, {@code LISTS} and {@code DATABASES}.
 *
 * <p>Columns come and go with PgBouncer's releases: one that is missing yields no reading. Times
 * come in microseconds. Source: PgBouncer's manual, "Admin console".
 */
public final class PgBouncerAnswers {

    private static final String ADMIN_DATABASE = "pgbouncer";
    private static final double MICROS_PER_MILLI = 1e3;
    private static final double MICROS_PER_SECOND = 1e6;

    private PgBouncerAnswers() {}

    /**
     * The readings of {@code poll}, one of {@code pgbouncer_pools, pgbouncer_stats,
     * pgbouncer_lists, pgbouncer_databases}; none for any other.
     */
    public static List<Reading> read(String poll, List<Map<String, String>> rows) {
        List<Reading> readings = new ArrayList<>();
        for (Map<String, String> row : rows) {
            switch (poll) {
                case "pgbouncer_pools" -> pool(row, readings);
                case "pgbouncer_stats" -> stats(row, readings);
                case "pgbouncer_lists" -> list(row, readings);
                case "pgbouncer_databases" -> database(row, readings);
                default -> {}
            }
        }
        return readings;
    }

    private static void pool(Map<String, String> row, List<Reading> out) {
        String database = row.getOrDefault("database", "");
        if (database.equals(ADMIN_DATABASE)) {
            return;
        }
        Map<String, String> labels =
                Map.of("database", database, "user", row.getOrDefault("user", ""));
        gauge(out, "pgbouncer_clients_active", labels, row, "cl_active");
        gauge(out, "pgbouncer_clients_waiting", labels, row, "cl_waiting");
        gauge(out, "pgbouncer_servers_active", labels, row, "sv_active");
        gauge(out, "pgbouncer_servers_idle", labels, row, "sv_idle");
        gauge(out, "pgbouncer_servers_login", labels, row, "sv_login");
        double seconds = number(row, "maxwait");
        double fraction = number(row, "maxwait_us");
        out.add(
                Reading.of(
                        "pgbouncer_max_wait_seconds",
                        labels,
                        Double.isNaN(fraction) ? seconds : seconds + fraction / MICROS_PER_SECOND));
    }

    private static void stats(Map<String, String> row, List<Reading> out) {
        String database = row.getOrDefault("database", "");
        if (database.equals(ADMIN_DATABASE)) {
            return;
        }
        Map<String, String> labels = Map.of("database", database);
        gauge(out, "pgbouncer_transactions", labels, row, "total_xact_count");
        gauge(out, "pgbouncer_queries", labels, row, "total_query_count");
        gauge(out, "pgbouncer_received_bytes", labels, row, "total_received");
        gauge(out, "pgbouncer_sent_bytes", labels, row, "total_sent");
        double transactions = number(row, "total_xact_count");
        out.add(
                new Reading(
                        "pgbouncer_query_time_ms",
                        labels,
                        number(row, "total_query_time") / MICROS_PER_MILLI,
                        number(row, "total_query_count")));
        out.add(
                new Reading(
                        "pgbouncer_transaction_time_ms",
                        labels,
                        number(row, "total_xact_time") / MICROS_PER_MILLI,
                        transactions));
        out.add(
                new Reading(
                        "pgbouncer_wait_time_ms",
                        labels,
                        number(row, "total_wait_time") / MICROS_PER_MILLI,
                        transactions));
    }

    private static void list(Map<String, String> row, List<Reading> out) {
        switch (row.getOrDefault("list", "")) {
            case "used_clients" -> gauge(out, "pgbouncer_clients", Map.of(), row, "items");
            case "used_servers" -> gauge(out, "pgbouncer_servers", Map.of(), row, "items");
            case "pools" -> gauge(out, "pgbouncer_pools", Map.of(), row, "items");
            default -> {}
        }
    }

    private static void database(Map<String, String> row, List<Reading> out) {
        String database = row.getOrDefault("name", "");
        if (database.equals(ADMIN_DATABASE)) {
            return;
        }
        Map<String, String> labels = Map.of("database", database);
        gauge(out, "pgbouncer_database_connections", labels, row, "current_connections");
        gauge(out, "pgbouncer_database_pool_size", labels, row, "pool_size");
        gauge(out, "pgbouncer_database_paused", labels, row, "paused");
        gauge(out, "pgbouncer_database_disabled", labels, row, "disabled");
    }

    private static void gauge(
            List<Reading> out,
            String metric,
            Map<String, String> labels,
            Map<String, String> row,
            String column) {
        out.add(Reading.of(metric, labels, number(row, column)));
    }

    private static double number(Map<String, String> row, String column) {
        String text = row.getOrDefault(column, "");
        try {
            return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
