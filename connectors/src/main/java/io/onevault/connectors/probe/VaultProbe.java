package io.onevault.connectors.probe;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Whether the vault is there, of this release, and writable for the jobs' user. */
public final class VaultProbe {

    private static final String HISTORY =
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE n.nspname = 'util' AND c.relname = 'flyway_schema_history'";

    private VaultProbe() {}

    /**
     * @param migrations versions this release deploys, as the history writes them
     */
    public static List<ServerFinding> vault(Server server, Set<String> migrations) {
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
                return server.findings();
            }
            if (Server.flag(connection, "SELECT pg_is_in_recovery()")) {
                server.problem(
                        "url", server.address(), "is a read-only standby", "name its primary");
                return server.findings();
            }
            if (!deployed(connection)) {
                server.problem(
                        "url",
                        server.address(),
                        "holds no vault",
                        "run ./onevault deploy --config with this file");
                return server.findings();
            }
            writable(server, connection);
            version(server, connection, migrations);
        } catch (SQLException e) {
            ConnectFailure.record(server, e);
        }
        return server.findings();
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
    private static void version(Server server, Connection connection, Set<String> migrations)
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
        // Version 0 marks a schema util that was there before the vault.
        String applied =
                Server.value(
                        connection,
                        "SELECT coalesce(string_agg(version, ','), '')"
                                + " FROM util.flyway_schema_history"
                                + " WHERE success AND version <> '0'");
        Set<String> deployed = new TreeSet<>(Arrays.asList(applied.split(",", -1)));
        deployed.remove("");
        Set<String> missing = new TreeSet<>(migrations);
        missing.removeAll(deployed);
        deployed.removeAll(migrations);
        if (!deployed.isEmpty()) {
            server.problem(
                    "url",
                    server.address(),
                    "holds the vault of another release, with the migrations "
                            + String.join(", ", deployed),
                    "use the release that deployed it, or a later one");
        } else if (!missing.isEmpty()) {
            server.problem(
                    "url",
                    server.address(),
                    "holds an older vault, without the migrations " + String.join(", ", missing),
                    "run ./onevault deploy --config with this file");
        }
    }
}
