package io.onevault.jobs.cluster;

import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;

/**
 * A target on a server that also holds the vault: its configuration, what the vault says of it, and
 * what the server itself counted, which is the truth to compare with.
 *
 * <p>Every target has a login role of its own, so that {@code pg_stat_statements} counts the polls
 * of one target apart from those of the others.
 */
record WatchedTarget(PostgresServer server, String name) {

    /** Between two polls of the series that are compared. */
    static final int POLL_MILLIS = 250;

    /** Polls that fall into one window of a second. */
    static final int POLLS_OF_WINDOW = 4;

    /** Prepares {@code server}, which holds the vault and also is what is watched. */
    static void prepare(PostgresServer server) {
        server.execute("postgres", "CREATE EXTENSION pg_stat_statements");
    }

    /** Creates the target's role. */
    static WatchedTarget create(PostgresServer server, String name) {
        server.execute(
                "postgres", "CREATE ROLE " + name + " LOGIN PASSWORD 'secret' IN ROLE pg_monitor");
        return new WatchedTarget(server, name);
    }

    /** Writes the configuration of a job that watches this target alone. */
    Path configuration(Path folder) throws IOException {
        return Files.writeString(
                folder.resolve(name + ".yaml"),
                """
                vault:
                  url: %s
                  user: pipeline
                  password: secret
                  rules: {enabled: false}
                targets:
                  - name: %s
                    url: %s
                    user: %s
                    password: secret
                polling:
                  intervals: {target: POLL, activity: POLL, database: POLL, xid: 1s, io: 1s}
                windows: {size: 1s, lateness: 10s, absent_after: 3m, expiry: 1h}
                job: {name: cluster-test, parallelism: 2, checkpoint_interval: 1s}
                """
                        .replace("POLL", POLL_MILLIS + "ms")
                        .formatted(
                                server.jdbcUrl("vault"), name, server.jdbcUrl("postgres"), name));
    }

    /** Times the server ran the poll {@code target} for this target, by its own count. */
    long polls() throws SQLException {
        try (Connection connection = server.connect("postgres");
                PreparedStatement statement =
                        connection.prepareStatement(
                                """
                                SELECT coalesce(sum(s.calls), 0) FROM pg_stat_statements s
                                JOIN pg_roles r ON r.oid = s.userid
                                WHERE r.rolname = ? AND s.query LIKE '%server_uptime_seconds%'\
                                """)) {
            statement.setString(1, name);
            return number(statement);
        }
    }

    /** The server's clock. */
    Instant now() throws SQLException {
        try (Connection connection = server.connect("postgres");
                PreparedStatement statement =
                        connection.prepareStatement("SELECT clock_timestamp()");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getTimestamp(1).toInstant();
        }
    }

    /** Windows of {@code target_up} in the vault that began after {@code time}. */
    long windowsSince(Instant time) throws SQLException {
        try (Connection connection = server.connect("vault");
                PreparedStatement statement =
                        connection.prepareStatement(
                                """
                                SELECT count(*) FROM monitoring.system_health_s
                                WHERE target_name = ? AND metric_name = 'target_up'
                                    AND window_start > ?\
                                """)) {
            statement.setString(1, name);
            statement.setTimestamp(2, Timestamp.from(time));
            return number(statement);
        }
    }

    /**
     * How completely the time between the first and the last window is covered.
     *
     * @param windows rows of the series
     * @param distinct windows among them
     * @param seconds from the first window's start to the last one's end
     * @param missing windows that are not there
     * @param silent missing windows that no gap row speaks of
     * @param samples of all windows
     * @param gapSeconds length of all gap rows, the same time more than once when they overlap
     */
    record Coverage(
            long windows,
            long distinct,
            long seconds,
            long missing,
            long silent,
            long samples,
            double gapSeconds) {}

    /** The coverage of the series of {@code metric}, which comes from {@code poll}. */
    Coverage coverage(String metric, String poll) throws SQLException {
        try (Connection connection = server.connect("vault");
                PreparedStatement statement =
                        connection.prepareStatement(
                                """
                                WITH present AS (
                                    SELECT window_start, sample_count
                                    FROM monitoring.system_health_s
                                    WHERE target_name = ? AND metric_name = ?
                                ), expected AS (
                                    SELECT generate_series(min(window_start), max(window_start),
                                        interval '1 second') AS window_start
                                    FROM present
                                ), gap AS (
                                    SELECT gap_start, gap_end FROM monitoring.collection_gap_s
                                    WHERE target_name = ? AND poll_name = ?
                                ), missing AS (
                                    SELECT window_start FROM expected
                                    EXCEPT SELECT window_start FROM present
                                )
                                SELECT (SELECT count(*) FROM present),
                                    (SELECT count(DISTINCT window_start) FROM present),
                                    (SELECT count(*) FROM expected),
                                    (SELECT count(*) FROM missing),
                                    (SELECT count(*) FROM missing m WHERE NOT EXISTS (
                                        SELECT FROM gap g
                                        WHERE g.gap_start < m.window_start + interval '1 second'
                                            AND g.gap_end > m.window_start)),
                                    (SELECT coalesce(sum(sample_count), 0) FROM present),
                                    (SELECT coalesce(
                                        sum(extract(epoch FROM gap_end - gap_start)), 0) FROM gap)\
                                """)) {
            statement.setString(1, name);
            statement.setString(2, metric);
            statement.setString(3, name);
            statement.setString(4, poll);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Coverage(
                        row.getLong(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6),
                        row.getDouble(7));
            }
        }
    }

    /** Hubs of windows and gaps, of any target, that have not exactly one open row. */
    long hubsWithoutOneOpenRow() throws SQLException {
        return ofVault(
                """
                SELECT count(*) FROM (
                    SELECT health_metric_hk FROM monitoring.system_health_s GROUP BY 1
                    HAVING count(*) FILTER (WHERE load_end_date IS NULL) <> 1
                    UNION ALL
                    SELECT collection_gap_hk FROM monitoring.collection_gap_s GROUP BY 1
                    HAVING count(*) FILTER (WHERE load_end_date IS NULL) <> 1) h\
                """);
    }

    /** Rows of windows, of any target, that do not end where the next one begins. */
    long rowsOutOfLine() throws SQLException {
        return ofVault(
                """
                SELECT count(*) FROM (
                    SELECT load_end_date, lead(load_date) OVER (
                        PARTITION BY health_metric_hk ORDER BY load_date) AS next
                    FROM monitoring.system_health_s) s
                WHERE load_end_date IS DISTINCT FROM next\
                """);
    }

    /** Rows the vault refused. */
    long deadLetters() throws SQLException {
        return ofVault("SELECT count(*) FROM monitoring.dead_letter");
    }

    /** Rows of windows of all series of this target. */
    long windowsOfAllSeries() throws SQLException {
        return ofVault(
                "SELECT count(*) FROM monitoring.system_health_s WHERE target_name = '"
                        + name
                        + "'");
    }

    /** Whether a writer waits, in the middle of its transaction, to insert windows. */
    boolean writerWaits() throws SQLException {
        return ofVault(
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE usename = 'pipeline' AND wait_event_type = 'Lock'
                            AND query ~ '^(INSERT INTO|UPDATE) monitoring.system_health_s '\
                        """)
                > 0;
    }

    /** Incidents on this target whose newest row has this status. */
    long incidents(String status) throws SQLException {
        return ofVault(
                """
                SELECT count(*) FROM lock_monitoring.blocking_session_s
                WHERE load_end_date IS NULL AND target_name = '%s' AND incident_status = '%s'
                    AND relation_name = 'public.stock'\
                """
                        .formatted(name, status));
    }

    /** Waits on this target that have ended. */
    long endedWaits() throws SQLException {
        return ofVault(
                """
                SELECT count(*) FROM lock_monitoring.lock_activity_s
                WHERE load_end_date IS NULL AND target_name = '%s' AND wait_end IS NOT NULL
                    AND relation_name = 'public.stock'\
                """
                        .formatted(name));
    }

    /** Deadlocks on this target that the server has ended. */
    long deadlocks() throws SQLException {
        return ofVault(
                """
                SELECT count(*) FROM lock_monitoring.deadlock_event_s
                WHERE load_end_date IS NULL AND target_name = '%s' AND outcome = 'DEADLOCK'\
                """
                        .formatted(name));
    }

    private long ofVault(String sql) throws SQLException {
        try (Connection connection = server.connect("vault");
                PreparedStatement statement = connection.prepareStatement(sql)) {
            return number(statement);
        }
    }

    private static long number(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
