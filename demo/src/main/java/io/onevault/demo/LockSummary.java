package io.onevault.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * What was found about locks, counted in the vault. The vault's server knows when each row was
 * committed ({@code track_commit_timestamp}), so that delays are measured and not assumed.
 *
 * @param opened blocking incidents
 * @param closed those of them that are over
 * @param deadlocks the server ended
 * @param before those of them whose row could be read before the server ended them
 * @param nearMisses cycles that ended otherwise
 * @param median milliseconds from the start of a wait to the commit of its row; null without waits
 * @param p99 the 99th percentile
 * @param longest the longest
 */
record LockSummary(
        long opened,
        long closed,
        long deadlocks,
        long before,
        long nearMisses,
        @Nullable Double median,
        @Nullable Double p99,
        @Nullable Double longest) {

    private static final String INCIDENTS =
            """
            SELECT count(*), count(*) FILTER (WHERE incident_status = 'CLOSED')
              FROM lock_monitoring.blocking_session_s WHERE load_end_date IS NULL
            """;

    private static final String DEADLOCKS =
            """
            SELECT coalesce(sum(s.event_count) FILTER (WHERE s.outcome = 'DEADLOCK'), 0),
                   count(*) FILTER (WHERE s.outcome = 'DEADLOCK'
                                      AND pg_xact_commit_timestamp(h.xmin) < s.reported_at),
                   count(*) FILTER (WHERE s.outcome = 'NEAR_MISS')
              FROM lock_monitoring.deadlock_event_s AS s
              JOIN lock_monitoring.deadlock_event_h AS h USING (deadlock_event_hk)
             WHERE s.load_end_date IS NULL
            """;

    private static final String LATENCY =
            """
            WITH wait AS (
                SELECT extract(epoch FROM pg_xact_commit_timestamp(h.xmin) - min(s.wait_start)) * 1000 AS ms
                  FROM lock_monitoring.lock_activity_h AS h
                  JOIN lock_monitoring.lock_activity_s AS s USING (lock_activity_hk)
                 GROUP BY h.lock_activity_hk, h.xmin
            )
            SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ms),
                   percentile_disc(0.99) WITHIN GROUP (ORDER BY ms),
                   max(ms)
              FROM wait
            """;

    static LockSummary of(Connection vault) throws SQLException {
        try (Statement statement = vault.createStatement()) {
            long opened;
            long closed;
            try (ResultSet row = statement.executeQuery(INCIDENTS)) {
                row.next();
                opened = row.getLong(1);
                closed = row.getLong(2);
            }
            long deadlocks;
            long before;
            long nearMisses;
            try (ResultSet row = statement.executeQuery(DEADLOCKS)) {
                row.next();
                deadlocks = row.getLong(1);
                before = row.getLong(2);
                nearMisses = row.getLong(3);
            }
            try (ResultSet row = statement.executeQuery(LATENCY)) {
                row.next();
                return new LockSummary(
                        opened,
                        closed,
                        deadlocks,
                        before,
                        nearMisses,
                        millis(row, 1),
                        millis(row, 2),
                        millis(row, 3));
            }
        }
    }

    private static @Nullable Double millis(ResultSet row, int column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : Math.round(value * 10) / 10.0;
    }
}
