package io.onevault.jobs.config.reachability;

import java.sql.Connection;
import java.sql.SQLException;

/** Whether the vault is there, of this release, and writable for the jobs' user. */
final class VaultCheck {

    private static final String HISTORY =
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE n.nspname = 'util' AND c.relname = 'flyway_schema_history'";

    private VaultCheck() {}

    /**
     * @param newest version of the vault that this release deploys
     */
    static void vault(Server server, int newest) {
        try (Connection connection = server.connect()) {
            int number =
                    Integer.parseInt(
                            Server.value(
                                    connection, "SELECT current_setting('server_version_num')"));
            if (number < 140_000) {
                server.problem(
                        "url",
                        server.address(),
                        "runs PostgreSQL " + number / 10_000 + ", which is too old for the vault",
                        "upgrade it to version 14 or newer");
                return;
            }
            if (Server.flag(connection, "SELECT pg_is_in_recovery()")) {
                server.problem(
                        "url", server.address(), "is a read-only standby", "name its primary");
                return;
            }
            if (!deployed(connection)) {
                server.problem(
                        "url",
                        server.address(),
                        "holds no vault",
                        "run ./onevault deploy --config with this file");
                return;
            }
            writable(server, connection);
            version(server, connection, newest);
        } catch (SQLException e) {
            ConnectFailure.record(server, e);
        }
    }

    private static boolean deployed(Connection connection) throws SQLException {
        return Server.flag(
                connection,
                "SELECT EXISTS (SELECT "
                        + HISTORY
                        + ") AND EXISTS (SELECT FROM pg_namespace WHERE nspname = 'monitoring')");
    }

    /** The user may write whatever the group role may; some tables are not for jobs to write. */
    private static void writable(Server server, Connection connection) throws SQLException {
        boolean writable =
                Server.flag(
                        connection,
                        """
                        SELECT has_schema_privilege('monitoring', 'USAGE')
                           AND NOT EXISTS (
                                   SELECT FROM pg_class c
                                   JOIN pg_namespace n ON n.oid = c.relnamespace
                                   WHERE n.nspname = 'monitoring'
                                     AND c.relkind IN ('r', 'p')
                                     AND NOT c.relispartition
                                     AND has_table_privilege('onevault_writer', c.oid, 'INSERT')
                                     AND NOT has_table_privilege(c.oid, 'INSERT'))
                        """);
        if (!writable) {
            server.problem(
                    "user",
                    server.user(),
                    "may not write to the vault on " + server.address(),
                    "run GRANT onevault_writer TO %s there".formatted(server.quotedUser()));
        }
    }

    /** The history belongs to the deployer; without a right to read it nothing is said. */
    private static void version(Server server, Connection connection, int expected)
            throws SQLException {
        boolean readable =
                Server.flag(
                        connection,
                        "SELECT has_schema_privilege('util', 'USAGE')"
                                + " AND has_table_privilege(c.oid, 'SELECT') "
                                + HISTORY);
        if (!readable) {
            return;
        }
        int deployed =
                Integer.parseInt(
                        Server.value(
                                connection,
                                "SELECT coalesce(max(version::numeric), 0)::int"
                                        + " FROM util.flyway_schema_history"
                                        + " WHERE success AND version IS NOT NULL"));
        if (deployed < expected) {
            server.problem(
                    "url",
                    server.address(),
                    "holds a vault of version %d, older than this release's %d"
                            .formatted(deployed, expected),
                    "run ./onevault deploy --config with this file");
        } else if (deployed > expected) {
            server.problem(
                    "url",
                    server.address(),
                    "holds a vault of version %d, newer than this release's %d"
                            .formatted(deployed, expected),
                    "use the release that deployed it, or a later one");
        }
    }
}
