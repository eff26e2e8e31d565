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
     * (PostgreSQL manual, "Publication").
     */
    private static final String TABLES =
            """
            SELECT t.name,
                   c.oid IS NOT NULL AS known,
                   c.relreplident = 'f' OR c.relreplident = 'i'
                       OR (c.relreplident = 'd' AND EXISTS (
                               SELECT FROM pg_index AS i
                                WHERE i.indrelid = c.oid AND i.indisprimary)) AS identified,
                   c.relreplident = 'f' AS whole
              FROM unnest(?::text[], ?::text[], ?::text[]) AS t(name, schema_name, table_name)
              LEFT JOIN pg_namespace AS n ON n.nspname = t.schema_name
              LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.table_name
                                     AND c.relkind IN ('r', 'p')
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
            }
            if (server.findings().isEmpty()) {
                created =
                        Server.flag(
                                connection,
                                "SELECT NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '%s')"
                                        .formatted(capture.slot()));
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
        return new Outcome(created, server.findings());
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
                    } else if (!row.getBoolean("identified")
                            && !capture.wholeRows().contains(table)) {
                        server.problem(
                                "tables",
                                table,
                                "has no primary key, so that publishing it would make its updates"
                                        + " and deletes fail",
                                "list it in whole_rows as well, or give it a primary key");
                    } else if (!row.getBoolean("whole") && capture.wholeRows().contains(table)) {
                        toBeWhole.add(table);
                    }
                }
            }
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
