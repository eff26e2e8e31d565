package io.onevault.connectors.probe;

import io.onevault.connectors.cdc.CdcSlots;
import io.onevault.connectors.cdc.ChangeCapture;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes publication and slot as configured, again and again without harm. Refuses what would break
 * the database's own work.
 */
public final class ChangeCaptureDeployer {

    /**
     * A published table without replica identity refuses every UPDATE and DELETE from then on
     * (PostgreSQL manual, "Publication"). A partitioned table has that of each of its partitions;
     * one without any is judged itself, as partitions take over its key.
     */
    private static final String TABLES =
            """
            SELECT t.name,
                   c.oid IS NOT NULL AS known,
                   l.unidentified,
                   l.whole
              FROM unnest(?::text[], ?::text[], ?::text[]) AS t(name, schema_name, table_name)
              LEFT JOIN pg_namespace AS n ON n.nspname = t.schema_name
              LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.table_name
                                     AND c.relkind IN ('r', 'p')
              LEFT JOIN LATERAL (
                   SELECT bool_and(p.relreplident = 'f') AS whole,
                          string_agg(p.oid::regclass::text, ', ' ORDER BY p.relname) FILTER (
                              WHERE p.relreplident <> 'f' AND NOT EXISTS (
                                    SELECT FROM pg_index AS i
                                     WHERE i.indrelid = p.oid AND i.indisvalid
                                       AND (p.relreplident = 'd' AND i.indisprimary
                                                AND i.indimmediate
                                            OR p.relreplident = 'i' AND i.indisreplident)))
                              AS unidentified
                     FROM pg_class AS p
                    WHERE p.oid = c.oid AND c.relkind = 'r'
                       OR p.oid IN (SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf)
                       OR p.oid = c.oid
                          AND NOT EXISTS (SELECT FROM pg_partition_tree(c.oid) WHERE isleaf)
                   ) AS l ON true
             ORDER BY 1
            """;

    /** A new slot waits until every transaction that runs has ended. */
    private static final int PATIENCE_SECONDS = 120;

    private ChangeCaptureDeployer() {}

    /**
     * What was done.
     *
     * @param slotCreated whether the slot is new
     * @param findings why nothing was done; empty when all is well
     */
    public record Outcome(boolean slotCreated, List<ServerFinding> findings) {}

    /**
     * Asks and acts as the user of {@code server}, who owns the tables or is superuser.
     *
     * @param capture what shall stand there
     */
    public static Outcome deploy(Server server, ChangeCapture capture) {
        boolean created = false;
        try (Connection connection = server.connect("onevault-deploy", PATIENCE_SECONDS + 10)) {
            limit(connection);
            List<String> toBeWhole = new ArrayList<>();
            if (Server.flag(connection, "SELECT pg_is_in_recovery()")) {
                server.problem(
                        "slot",
                        server.address(),
                        "is a read-only standby",
                        "name its primary, where publications are made");
            } else if (ChangeCaptureProbe.logical(server, connection)) {
                tables(server, connection, capture, toBeWhole);
                created = slot(server, connection, capture);
            }
            if (server.findings().isEmpty()) {
                for (String table : toBeWhole) {
                    CdcSlots.logWholeRows(connection, table);
                }
                CdcSlots.prepare(
                        connection, capture.publication(), capture.slot(), capture.tables());
            }
        } catch (SQLException e) {
            created = false;
            refused(server, capture, e);
        }
        return new Outcome(created && server.findings().isEmpty(), server.findings());
    }

    /** Whoever waits for a lock makes others wait behind it. */
    private static void limit(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '3s'");
            statement.execute("SET statement_timeout = '" + PATIENCE_SECONDS + "s'");
        }
    }

    private static void tables(
            Server server, Connection connection, ChangeCapture capture, List<String> toBeWhole)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
            ChangeCaptureProbe.bindTables(connection, statement, 1, capture.tables());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String table = row.getString("name");
                    if (!row.getBoolean("known")) {
                        ChangeCaptureProbe.unknown(server, table);
                    } else if (row.getString("unidentified") != null
                            && !capture.wholeRows().contains(table)) {
                        server.problem(
                                "tables",
                                table,
                                "has no primary key or other replica identity that the server can"
                                        + " use (%s), so that publishing it would make its updates and deletes fail"
                                                .formatted(row.getString("unidentified")),
                                "list it in whole_rows as well, or give it a primary key that is"
                                        + " not deferrable");
                    } else if (!row.getBoolean("whole") && capture.wholeRows().contains(table)) {
                        toBeWhole.add(table);
                    }
                }
            }
        }
    }

    /** Whether the slot has to be made; one that must not be touched is recorded. */
    private static boolean slot(Server server, Connection connection, ChangeCapture capture)
            throws SQLException {
        switch (CdcSlots.standing(connection, capture.publication(), capture.slot())) {
            case MISSING:
                return true;
            case FOREIGN:
                server.problem(
                        "slot",
                        capture.slot(),
                        "is a slot of another database or plugin",
                        "write another name");
                return false;
            case WITHOUT_PUBLICATION:
                server.problem(
                        "slot",
                        capture.slot(),
                        "is older than its publication %s, which does not exist: it cannot decode"
                                        .formatted(capture.publication())
                                + " with one that is made now",
                        "write another name, or drop the slot if nobody needs what it keeps, and"
                                + " run ./onevault deploy again");
                return false;
            default:
                return false;
        }
    }

    private static void refused(Server server, ChangeCapture capture, SQLException failure) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        switch (state) {
            case "42501" ->
                    server.problem(
                            "admin_user",
                            server.user(),
                            "may not make publication and slot %s on %s%s"
                                    .formatted(
                                            capture.slot(),
                                            server.address(),
                                            ConnectFailure.serverText(failure)),
                            "name a superuser, or an owner of the tables with REPLICATION and"
                                    + " CREATE on the database");
            case "53400" ->
                    server.problem(
                            "slot",
                            capture.slot(),
                            "finds no free place on " + server.address(),
                            "raise max_replication_slots and restart the server, or drop a slot"
                                    + " that nobody reads");
            case "55P03", "57014" ->
                    server.problem(
                            "slot",
                            capture.slot(),
                            "was not made in time: a long transaction is in the way on "
                                    + server.address(),
                            "run ./onevault deploy again when it has ended");
            default -> ConnectFailure.record(server, failure);
        }
    }
}
