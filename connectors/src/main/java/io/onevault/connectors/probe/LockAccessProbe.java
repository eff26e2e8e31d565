package io.onevault.connectors.probe;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Whether a server lets its locks and its log be watched, and what would be missing otherwise. */
public final class LockAccessProbe {

    private static final String READABLE_LOG =
            """
            SELECT has_function_privilege(
                       'pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)', 'EXECUTE')
                   AND has_function_privilege('pg_catalog.pg_current_logfile(text)', 'EXECUTE')
            """;

    private static final String WRITTEN_LOG =
            """
            SELECT current_setting('logging_collector') = 'on'
                   AND current_setting('log_destination') ~ '(json|csv)log'
            """;

    private LockAccessProbe() {}

    /**
     * What the locks capability would not see there.
     *
     * @param log whether the server's log is to be read too
     */
    public static List<ServerFinding> check(Server server, boolean log) {
        try (Connection connection = server.connect()) {
            if (!Server.flag(connection, "SELECT pg_has_role('pg_read_all_stats', 'USAGE')")) {
                server.warning(
                        "user",
                        server.user(),
                        "does not see states, statements, transactions and addresses of other"
                                + " users' sessions on "
                                + server.address()
                                + ", so that nobody learns what blockers do",
                        "run GRANT pg_monitor TO %s as superuser there"
                                .formatted(server.quotedUser()));
            }
            if (log) {
                log(server, connection);
            }
        } catch (SQLException e) {
            ConnectFailure.record(server, e);
        }
        return server.findings();
    }

    private static void log(Server server, Connection connection) throws SQLException {
        if (!Server.flag(connection, READABLE_LOG)) {
            server.warning(
                    "user",
                    server.user(),
                    "cannot read the server's log on "
                            + server.address()
                            + ", which tells how waits and deadlocks ended",
                    ("run GRANT EXECUTE ON FUNCTION pg_current_logfile(text),"
                         + " pg_read_binary_file(text, bigint, bigint, boolean) TO %s as superuser"
                         + " in this database, or set log: false below locks")
                            .formatted(server.quotedUser()));
        }
        if (!Server.flag(connection, WRITTEN_LOG)) {
            server.warning(
                    "url",
                    server.address(),
                    "writes no log that can be read, so that how waits and deadlocks ended is"
                            + " concluded from its counters",
                    "set logging_collector = on and add jsonlog (before PostgreSQL 15 csvlog) to"
                            + " log_destination there, or set log: false below locks");
        }
    }
}
