package io.onevault.demo;

import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

    private final Connection vault;
    private final Connection platform;
    private final String watchedDatabase;

    VaultFigures(PostgresServer server, String vaultDatabase, String platformDatabase)
            throws SQLException {
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
                    totals.getDouble(4));
        }
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
                        "SELECT count(*) FROM monitoring.notification_log_s WHERE delivery_status ="
                                + " 'DELIVERED'"),
                count("monitoring.security_event_h"),
                count("capacity_planning.capacity_forecast_h"),
                count("lock_monitoring.blocking_session_h"),
                count("lock_monitoring.deadlock_event_h"),
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
