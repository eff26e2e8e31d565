package io.onevault.connectors.probe;

import io.onevault.connectors.cdc.ChangeCapture;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.TreeSet;

/**
 * Whether a database's changes can be read: its log holds them, the user may read them, publication
 * and slot stand as configured. Reads only; findings in the order in which they are to be mended.
 */
public final class ChangeCaptureProbe {

    private static final String TABLES =
            """
            SELECT t.name, t.schema_name, t.table_name,
                   c.oid IS NOT NULL AS known,
                   c.oid IS NOT NULL AND has_schema_privilege(n.oid, 'USAGE')
                       AND has_table_privilege(c.oid, 'SELECT') AS readable,
                   c.oid IS NOT NULL AND row_security_active(c.oid)
                       AND NOT EXISTS (
                           SELECT FROM pg_policy AS p
                            WHERE p.polrelid = c.oid AND p.polpermissive
                              AND pg_get_expr(p.polqual, p.polrelid) = 'true'
                              AND EXISTS (SELECT FROM unnest(p.polroles) AS r(role)
                                           WHERE r.role = 0 OR pg_has_role(r.role, 'USAGE'))) AS hidden,
                   EXISTS (SELECT FROM pg_publication_rel AS r
                             JOIN pg_publication AS p ON p.oid = r.prpubid
                            WHERE r.prrelid = c.oid AND p.pubname = ?) AS published
              FROM unnest(?::text[], ?::text[], ?::text[]) AS t(name, schema_name, table_name)
              LEFT JOIN pg_namespace AS n ON n.nspname = t.schema_name
              LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.table_name
                                     AND c.relkind IN ('r', 'p')
             ORDER BY 1
            """;

    /** Row filters and column lists came with this version. */
    private static final int FIRST_WITH_FILTERS = 15;

    private static final String UNFILTERED =
            """
             AND NOT EXISTS (SELECT FROM pg_publication_rel AS r
                              WHERE r.prpubid = pg_publication.oid
                                AND (r.prqual IS NOT NULL OR r.prattrs IS NOT NULL))
            """;

    private static final String PUBLISHED =
            "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate AND pubviaroot";

    private static final String SLOT =
            """
            SELECT plugin, database = current_database() AS here, wal_status, active,
                   confirmed_flush_lsn IS NULL AS unfinished,
                   coalesce((SELECT application_name FROM pg_stat_activity WHERE pid = active_pid), '')
                       AS reader
              FROM pg_replication_slots
             WHERE slot_name = ?
            """;

    private ChangeCaptureProbe() {}

    /**
     * Asks {@code server}, as the user that reads.
     *
     * @param capture what has to stand there
     */
    public static List<ServerFinding> check(Server server, ChangeCapture capture) {
        try (Connection connection = server.connect()) {
            if (!logical(server, connection)) {
                return server.findings();
            }
            privilege(server, connection);
            tables(server, connection, capture);
            publication(server, connection, capture.publication());
            slot(server, connection, capture.slot());
            bound(server, connection);
        } catch (SQLException e) {
            ConnectFailure.record(server, e);
        }
        return server.findings();
    }

    /** Whether the server's log holds what a decoder needs; if not, it is recorded. */
    static boolean logical(Server server, Connection connection) throws SQLException {
        String level = Server.value(connection, "SELECT current_setting('wal_level')");
        if (level.equals("logical")) {
            return true;
        }
        server.problem(
                "slot",
                server.address(),
                "has wal_level " + level + ", with which changes cannot be read",
                "set wal_level = logical in postgresql.conf and restart the server");
        return false;
    }

    private static void privilege(Server server, Connection connection) throws SQLException {
        if (!Server.flag(
                connection,
                "SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user")) {
            server.problem(
                    "user",
                    server.user(),
                    "may not read the log of " + server.address(),
                    "run ALTER ROLE %s REPLICATION as superuser there"
                            .formatted(server.quotedUser()));
        }
    }

    private static void tables(Server server, Connection connection, ChangeCapture capture)
            throws SQLException {
        TreeSet<String> unpublished = new TreeSet<>();
        try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
            statement.setString(1, capture.publication());
            bindTables(connection, statement, 2, capture.tables());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String table = row.getString("name");
                    if (!row.getBoolean("known")) {
                        unknown(server, table);
                    } else if (!row.getBoolean("readable")) {
                        server.problem(
                                "tables",
                                table,
                                "may not be read by user %s".formatted(server.user()),
                                "run GRANT USAGE ON SCHEMA %1$s TO %3$s; GRANT SELECT ON %1$s.%2$s TO %3$s"
                                        .formatted(
                                                quoted(row.getString("schema_name")),
                                                quoted(row.getString("table_name")),
                                                server.quotedUser()));
                    } else if (row.getBoolean("hidden")) {
                        server.problem(
                                "tables",
                                table,
                                "hides rows from user %s by row-level security"
                                        .formatted(server.user()),
                                "run ALTER ROLE %s BYPASSRLS as superuser there, or give it a policy"
                                        .formatted(server.quotedUser()));
                    }
                    if (row.getBoolean("known") && !row.getBoolean("published")) {
                        unpublished.add(table);
                    }
                }
            }
        }
        if (!unpublished.isEmpty()) {
            server.problem(
                    "tables",
                    String.join(", ", unpublished),
                    "are not in the publication " + capture.publication(),
                    "run ./onevault deploy --config with this file");
        }
    }

    /** Whether all changes of all rows and columns are published, as the deployer has it. */
    private static void publication(Server server, Connection connection, String publication)
            throws SQLException {
        String query =
                connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_FILTERS
                        ? PUBLISHED + UNFILTERED
                        : PUBLISHED;
        try (PreparedStatement statement =
                connection.prepareStatement(
                        query + " AS everything FROM pg_publication WHERE pubname = ?")) {
            statement.setString(1, publication);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next() && !row.getBoolean("everything")) {
                    server.problem(
                            "slot",
                            publication,
                            "is a publication that leaves changes, rows or columns out",
                            "run ./onevault deploy --config with this file");
                }
            }
        }
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** Records a table that is not there. */
    static void unknown(Server server, String table) {
        server.problem(
                "tables",
                table,
                "is not a table of " + server.address(),
                "correct the name as schema.table, or create it");
    }

    /** Binds names, schemas and tables as three arrays. */
    static void bindTables(
            Connection connection, PreparedStatement statement, int first, List<String> tables)
            throws SQLException {
        statement.setArray(first, connection.createArrayOf("text", tables.toArray()));
        statement.setArray(
                first + 1,
                connection.createArrayOf(
                        "text",
                        tables.stream().map(t -> t.substring(0, t.indexOf('.'))).toArray()));
        statement.setArray(
                first + 2,
                connection.createArrayOf(
                        "text",
                        tables.stream().map(t -> t.substring(t.indexOf('.') + 1)).toArray()));
    }

    private static void slot(Server server, Connection connection, String slot)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SLOT)) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    server.problem(
                            "slot",
                            slot,
                            "does not exist on " + server.address(),
                            "run ./onevault deploy --config with this file");
                } else if (!"pgoutput".equals(row.getString("plugin")) || !row.getBoolean("here")) {
                    server.problem(
                            "slot",
                            slot,
                            "is a slot of another database or plugin",
                            "write another name and run ./onevault deploy");
                } else if ("lost".equals(row.getString("wal_status"))) {
                    server.problem(
                            "slot",
                            slot,
                            "is lost: the server removed log it needs",
                            "write another name, run ./onevault deploy, drop the old slot, and"
                                    + " restart the job, which then reads the tables anew");
                } else if ("unreserved".equals(row.getString("wal_status"))) {
                    server.problem(
                            "slot",
                            slot,
                            "is about to be lost: the server may remove log it needs at any time",
                            "start the job that reads it now, and raise max_slot_wal_keep_size");
                } else if (row.getBoolean("unfinished")) {
                    server.problem(
                            "slot",
                            slot,
                            "is not finished: it waits for running transactions to end",
                            "end them, and wait until ./onevault deploy has ended");
                } else if (row.getBoolean("active")) {
                    server.warning(
                            "slot",
                            slot,
                            "is being read already (application \"%s\")"
                                    .formatted(row.getString("reader")),
                            "if that is another job than this one, give each a slot of its own");
                }
            }
        }
    }

    /** A slot that nobody reads keeps the log for ever, and the server's disk fills. */
    private static void bound(Server server, Connection connection) throws SQLException {
        if (Server.value(connection, "SELECT current_setting('max_slot_wal_keep_size')")
                .equals("-1")) {
            server.warning(
                    "slot",
                    server.address(),
                    "keeps log without bound for a slot that nobody reads",
                    "set max_slot_wal_keep_size to what its disk can spare");
        }
    }
}
