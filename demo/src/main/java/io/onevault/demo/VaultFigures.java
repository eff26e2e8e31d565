package io.onevault.demo;

import io.onevault.demo.past.TenantPast;
import io.onevault.demo.past.Verdicts;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Asks the vault, and for the server's own counters the watched database; assumes nothing. */
final class VaultFigures implements AutoCloseable {

    /** Series without labels, sessions by tenant, and whatever is not NORMAL; 24 windows each. */
    private static final String SERIES =
            """
            WITH recent AS (
                SELECT health_metric_hk, metric_name, metric_unit, status, labels, load_date,
                    metric_value, load_end_date
                FROM monitoring.system_health_s
                WHERE load_date > now() - INTERVAL '3 minutes'
            ), current AS (
                SELECT r.*, r.metric_name || coalesce((
                        SELECT ' ' || string_agg(l.value, ' ' ORDER BY l.key)
                        FROM jsonb_each_text(r.labels) l), '')
                    || coalesce(' ' || nullif(util.series_tenant(h.health_metric_bk), ''), '') AS name
                FROM recent r JOIN monitoring.system_health_h h USING (health_metric_hk)
                WHERE r.load_end_date IS NULL
                    AND coalesce(r.labels ->> 'database', ?) = ?
                    AND (r.status <> 'NORMAL' OR r.metric_name = ANY (?))
            )
            SELECT c.name, c.metric_unit, c.status,
                array_agg(r.metric_value ORDER BY r.load_date)
                    FILTER (WHERE r.metric_value IS NOT NULL) AS values
            FROM current c JOIN recent r USING (health_metric_hk)
            GROUP BY c.name, c.metric_unit, c.status
            ORDER BY array_position(ARRAY['CRITICAL', 'WARNING', 'UNKNOWN'], c.status) NULLS LAST,
                c.name
            LIMIT 24\
            """;

    private static final List<String> SHOWN =
            List.of(
                    "active_connections",
                    "idle_in_transaction",
                    "waiting_for_lock",
                    "xact_commit",
                    "deadlocks",
                    "cache_hit_ratio_pct",
                    "rollback_ratio_pct",
                    "temp_bytes",
                    "wal_bytes",
                    "avg_query_time_ms",
                    "cpu_usage_pct",
                    "memory_usage_pct",
                    "sessions_by_tenant",
                    "target_up");

    private static final String TOTALS =
            """
            SELECT count(*) FILTER (WHERE load_end_date IS NULL),
                count(*) FILTER (WHERE load_end_date IS NULL AND status = 'WARNING'),
                count(*) FILTER (WHERE load_end_date IS NULL AND status = 'CRITICAL'),
                coalesce(extract(epoch FROM now() - max(load_date)), 0)
            FROM monitoring.system_health_s WHERE load_date > now() - INTERVAL '1 minute'\
            """;

    private static final String TENANTS =
            """
            SELECT util.series_tenant(h.resource_utilization_bk), s.row_count, s.current_value
            FROM capacity_planning.resource_utilization_s s
            JOIN capacity_planning.resource_utilization_h h USING (resource_utilization_hk)
            WHERE s.load_end_date IS NULL AND s.measurement_source = 'CDC' AND s.object_name IS NULL
                AND util.series_tenant(h.resource_utilization_bk) IS NOT NULL
            ORDER BY s.current_value DESC\
            """;

    /** The tables of the demo's change capture; what knows only its hub belongs to that. */
    private static final String ROWS_OF_TENANTS =
            """
            WITH held (tenant_hk) AS (
                SELECT tenant_hk FROM auth.tenant_h
                UNION ALL SELECT tenant_hk FROM business.customer_h
                UNION ALL SELECT tenant_hk FROM business.asset_h
                UNION ALL SELECT tenant_hk FROM business.transaction_h
                UNION ALL SELECT tenant_hk FROM business.customer_profile_s JOIN business.customer_h USING (customer_hk)
                UNION ALL SELECT tenant_hk FROM business.asset_details_s JOIN business.asset_h USING (asset_hk)
                UNION ALL SELECT tenant_hk FROM business.transaction_details_s
                    JOIN business.transaction_h USING (transaction_hk)
                UNION ALL SELECT tenant_hk FROM business.customer_transaction_l
                    JOIN business.customer_h USING (customer_hk)
                UNION ALL SELECT tenant_hk FROM business.transaction_asset_l
                    JOIN business.transaction_h USING (transaction_hk)
            )
            SELECT tenant_bk, count(*) FROM held JOIN auth.tenant_h USING (tenant_hk) GROUP BY 1\
            """;

    /** The open incidents, the worst first. */
    private static final String BLOCKING =
            """
            SELECT tree, depth, application_name, session_state, lock_mode, relation_name,
                waited_seconds, query_text
            FROM lock_monitoring.current_blocking_tree LIMIT 10\
            """;

    private static final String LOCKS =
            """
            SELECT count(*) FILTER (WHERE NOT is_closed AND load_date >= now() - INTERVAL '2 minutes'), count(*),
                (SELECT count(*) FROM lock_monitoring.deadlock_event_s
                 WHERE load_end_date IS NULL AND outcome = 'DEADLOCK')
            FROM lock_monitoring.blocking_session_s WHERE load_end_date IS NULL\
            """;

    private final Connection vault;
    private final Connection platform;
    private final String watchedDatabase;
    private final List<TenantPast> pasts;
    private final long pastEnd;

    /**
     * @param pasts of which the truth is known
     * @param pastEnd where they end, milliseconds since the epoch
     */
    VaultFigures(
            PostgresServer server,
            String vaultDatabase,
            String platformDatabase,
            List<TenantPast> pasts,
            long pastEnd)
            throws SQLException {
        this.pasts = pasts;
        this.pastEnd = pastEnd;
        this.vault = server.connect(vaultDatabase);
        this.platform = server.connect(platformDatabase);
        this.watchedDatabase = platformDatabase;
    }

    VaultSnapshot snapshot() throws SQLException {
        List<VaultSnapshot.Series> series = new ArrayList<>();
        try (var statement = vault.prepareStatement(SERIES)) {
            statement.setString(1, watchedDatabase);
            statement.setString(2, watchedDatabase);
            statement.setArray(3, vault.createArrayOf("text", SHOWN.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    Array values = rows.getArray(4);
                    series.add(
                            new VaultSnapshot.Series(
                                    rows.getString(1),
                                    rows.getString(2) == null ? "" : rows.getString(2),
                                    rows.getString(3),
                                    values == null
                                            ? List.of()
                                            : Arrays.asList((Double[]) values.getArray())));
                }
            }
        }
        try (Statement statement = vault.createStatement();
                ResultSet totals = statement.executeQuery(TOTALS)) {
            totals.next();
            return new VaultSnapshot(
                    series,
                    count("monitoring.system_health_s"),
                    vaultRows(),
                    totals.getLong(1),
                    totals.getLong(2),
                    totals.getLong(3),
                    tenants(),
                    locks(),
                    Verdicts.of(vault, pasts, pastEnd),
                    totals.getDouble(4));
        }
    }

    private List<VaultSnapshot.TenantStorage> tenants() throws SQLException {
        List<VaultSnapshot.TenantStorage> tenants = new ArrayList<>();
        try (Statement statement = vault.createStatement();
                ResultSet rows = statement.executeQuery(TENANTS)) {
            while (rows.next()) {
                tenants.add(
                        new VaultSnapshot.TenantStorage(
                                rows.getString(1), rows.getLong(2), rows.getDouble(3)));
            }
        }
        return tenants;
    }

    private VaultSnapshot.Locks locks() throws SQLException {
        List<String> tree = new ArrayList<>();
        try (Statement statement = vault.createStatement();
                ResultSet rows = statement.executeQuery(BLOCKING)) {
            while (rows.next()) {
                tree.add(
                        rows.getInt(2) == 0
                                ? "%s  %s  %s"
                                        .formatted(
                                                rows.getString(1),
                                                rows.getString(3),
                                                rows.getString(4))
                                : "%s  %s  %s on %s  %.1f s  %s"
                                        .formatted(
                                                rows.getString(1),
                                                rows.getString(3),
                                                rows.getString(5),
                                                rows.getString(6),
                                                rows.getDouble(7),
                                                rows.getString(8)));
            }
        }
        try (Statement statement = vault.createStatement();
                ResultSet row = statement.executeQuery(LOCKS)) {
            row.next();
            return new VaultSnapshot.Locks(tree, row.getLong(1), row.getLong(2), row.getLong(3));
        }
    }

    /** Rows of each tenant as the platform counts them itself. */
    Map<String, Long> rowsOfTenants() throws SQLException {
        Map<String, Long> counts = new HashMap<>();
        try (Statement statement = platform.createStatement();
                ResultSet rows = statement.executeQuery(ROWS_OF_TENANTS)) {
            while (rows.next()) {
                counts.put(rows.getString(1), rows.getLong(2));
            }
        }
        return counts;
    }

    DemoSummary summary(long changes) throws SQLException {
        return new DemoSummary(
                changes,
                number(
                        vault,
                        "SELECT coalesce(sum(sample_count), 0) FROM monitoring.system_health_s"),
                count("monitoring.system_health_s"),
                vaultRows(),
                number(
                        platform,
                        "SELECT deadlocks FROM pg_stat_database WHERE datname ="
                                + " current_database()"),
                count("monitoring.alert_instance_h"),
                number(
                        vault,
                        "SELECT count(*) FROM monitoring.alert_instance_s WHERE alert_status ="
                                + " 'RESOLVED' AND load_end_date IS NULL"),
                number(
                        vault,
                        "SELECT count(*) FROM monitoring.notification_log_s WHERE delivery_status ="
                                + " 'DELIVERED' AND load_end_date IS NULL"),
                count("monitoring.security_event_h"),
                number(
                        vault,
                        "SELECT count(*) FROM capacity_planning.capacity_forecast_s WHERE"
                                + " load_date >= to_timestamp("
                                + pastEnd / 1000
                                + ")"),
                Verdicts.of(vault, pasts, pastEnd),
                LockSummary.of(vault),
                count("monitoring.collection_gap_s"),
                count("monitoring.dead_letter") + count("monitoring.change_dead_letter_h"));
    }

    /** Rows of every hub, satellite and link in the vault's schemas, counted one by one. */
    private long vaultRows() throws SQLException {
        return number(
                vault,
                """
                SELECT coalesce(sum((xpath('/row/c/text()', query_to_xml(
                    format('SELECT count(*) AS c FROM %I.%I', n.nspname, c.relname),
                    false, true, '')))[1]::text::bigint), 0)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
                    AND n.nspname IN
                        ('monitoring', 'lock_monitoring', 'capacity_planning', 'performance')
                    AND c.relname ~ '_[hsl]$'\
                """);
    }

    private long count(String table) throws SQLException {
        return number(vault, "SELECT count(*) FROM " + table);
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    @Override
    public void close() throws SQLException {
        try (Connection first = vault;
                Connection second = platform) {
            first.clearWarnings();
            second.clearWarnings();
        }
    }
}
