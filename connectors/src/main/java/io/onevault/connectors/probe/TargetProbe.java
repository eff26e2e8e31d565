package io.onevault.connectors.probe;

import io.onevault.connectors.polling.Poll;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Whether a watched server serves the polls that are meant for it. Failures are findings, in the
 * order they matter.
 */
public final class TargetProbe {

    private static final int OLDEST = 14;
    private static final int NEWEST = 18;

    private TargetProbe() {}

    /**
     * @param polls what will be asked of this kind of target
     */
    public static List<ServerFinding> postgres(Server server, List<Poll> polls) {
        try (Connection connection = server.connect()) {
            int major = Integer.parseInt(number(connection)) / 10_000;
            if (major < OLDEST) {
                server.problem(
                        "url",
                        server.address(),
                        "runs PostgreSQL " + major + ", which is too old",
                        "upgrade it to version 14 or newer, or take it out of the targets");
                return server.findings();
            }
            if (major > NEWEST) {
                server.warning(
                        "url",
                        server.address(),
                        "runs PostgreSQL " + major + ", newer than any this release was tried on",
                        "expect polls that are reported and skipped, or use a newer release");
            }
            privilege(server, connection, polls);
            extension(server, connection, polls);
        } catch (SQLException e) {
            ConnectFailure.record(server, e);
        }
        return server.findings();
    }

    private static String number(Connection connection) throws SQLException {
        return Server.value(connection, "SELECT current_setting('server_version_num')");
    }

    private static void privilege(Server server, Connection connection, List<Poll> polls)
            throws SQLException {
        String need = names(polls, poll -> poll.role().equals("pg_monitor"));
        if (!need.isEmpty()
                && !Server.flag(connection, "SELECT pg_has_role('pg_monitor', 'USAGE')")) {
            server.problem(
                    "user",
                    server.user(),
                    "lacks pg_monitor on " + server.address(),
                    "run GRANT pg_monitor TO %s as superuser there, or disable the polls %s"
                            .formatted(server.quotedUser(), need));
        }
    }

    private static void extension(Server server, Connection connection, List<Poll> polls)
            throws SQLException {
        String extension = "pg_stat_statements";
        String need = names(polls, poll -> poll.extension().equals(extension));
        if (need.isEmpty()) {
            return;
        }
        boolean created =
                Server.flag(
                        connection,
                        "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = '"
                                + extension
                                + "')");
        if (!created) {
            server.problem(
                    "url",
                    server.address(),
                    "lacks the extension " + extension,
                    ("add it to shared_preload_libraries, restart, and run CREATE EXTENSION"
                                    + " %s in this database, or disable the polls %s")
                            .formatted(extension, need));
        } else if (Server.flag(
                connection, "SELECT current_setting('pg_stat_statements.max', true) IS NULL")) {
            server.problem(
                    "url",
                    server.address(),
                    "has the extension " + extension + ", but not loaded",
                    "add it to shared_preload_libraries and restart, or disable the polls " + need);
        }
    }

    private static String names(List<Poll> polls, Predicate<Poll> which) {
        TreeSet<String> names = new TreeSet<>();
        polls.stream().filter(which).map(Poll::name).forEach(names::add);
        return String.join(", ", names);
    }

    /** Whether PgBouncer's admin console answers. */
    public static List<ServerFinding> pgBouncer(Server server) {
        try (Connection connection = server.connectToConsole()) {
            console(server, connection);
        } catch (SQLException e) {
            String said = ConnectFailure.serverText(e);
            if (said.contains("not allowed") || said.contains("no such database")) {
                notAllowed(server, said);
            } else if (said.contains("startup parameter")) {
                server.problem(
                        "url",
                        server.address(),
                        "refuses what the driver sends" + said,
                        "set ignore_startup_parameters = extra_float_digits in pgbouncer.ini and"
                                + " reload");
            } else if (said.contains("authentication failed")) {
                server.problem(
                        "user",
                        server.user(),
                        "is refused by " + server.address() + said,
                        "correct user or password, or add the user to PgBouncer's auth_file");
            } else {
                ConnectFailure.record(server, e);
            }
        }
        return server.findings();
    }

    private static void console(Server server, Connection connection) {
        try {
            Server.value(connection, "SHOW VERSION");
            Server.value(connection, "SHOW POOLS");
        } catch (SQLException e) {
            if ("42704".equals(e.getSQLState())) {
                server.problem(
                        "url",
                        server.address(),
                        "is a PostgreSQL server, not the admin console of PgBouncer",
                        "write PgBouncer's port and the database pgbouncer, or kind: postgres");
            } else {
                notAllowed(server, ConnectFailure.serverText(e));
            }
        }
    }

    private static void notAllowed(Server server, String said) {
        server.problem(
                "user",
                server.user(),
                "may not use the admin console of " + server.address() + said,
                "add it to stats_users in pgbouncer.ini, reload, and use the database pgbouncer");
    }
}
