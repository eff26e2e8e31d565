package io.onevault.jobs.locks.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.statement.StatementText;
import io.onevault.jobs.locks.impact.Incidents;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Victim;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What tests do with sessions of a real server. */
final class Servers {

    private static final String MICROS = "(extract(epoch FROM %s) * 1000000)::bigint";

    private Servers() {}

    /**
     * As the pipeline would see it now: one session that one other waits for.
     *
     * @param query what the root is taken to run; empty for what the server shows
     */
    static BlockingIncident incident(Connection admin, int rootPid, int victimPid, String query)
            throws SQLException {
        try (Statement statement = admin.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT "
                                        + MICROS.formatted("r.backend_start")
                                        + ", "
                                        + MICROS.formatted("r.xact_start")
                                        + ", r.state, r.usename, r.application_name, r.query, "
                                        + MICROS.formatted("v.backend_start")
                                        + ", "
                                        + MICROS.formatted("clock_timestamp()")
                                        + ", "
                                        + MICROS.formatted("r.state_change")
                                        + " FROM pg_stat_activity r, pg_stat_activity v"
                                        + " WHERE r.pid = "
                                        + rootPid
                                        + " AND v.pid = "
                                        + victimPid)) {
            row.next();
            long now = row.getLong(8);
            return Incidents.plain()
                    .key("shop/" + rootPid + "/" + row.getLong(1))
                    .root(rootPid, row.getLong(1), row.getLong(2))
                    .state(row.getString(3))
                    .stateChange(row.getLong(9))
                    .user(row.getString(4))
                    .application(row.getString(5))
                    .query(query.isEmpty() ? StatementText.of(row.getString(6)).text() : query)
                    .at(now)
                    .victims(
                            new Victim(
                                    victimPid,
                                    row.getLong(7),
                                    rootPid,
                                    true,
                                    1,
                                    "app",
                                    "shop",
                                    "postgres",
                                    "transactionid",
                                    "ShareLock",
                                    "",
                                    now - 1_000_000,
                                    ""))
                    .build();
        }
    }

    /** The first number of the first row, once there is one. */
    static int await(Connection admin, String query) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (true) {
            try (Statement statement = admin.createStatement();
                    ResultSet row = statement.executeQuery(query)) {
                if (row.next()) {
                    return row.getInt(1);
                }
            }
            assertThat(System.nanoTime()).as(query).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** The SQLSTATE it ends with, empty for success. */
    static CompletableFuture<String> start(Connection connection, String sql) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute(sql);
                        return "";
                    } catch (SQLException e) {
                        return String.valueOf(e.getSQLState());
                    }
                },
                task -> new Thread(task, "resolution-session").start());
    }
}
