package io.onevault.connectors.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import org.postgresql.core.Utils;

/**
 * Prepares a database for a {@link PostgresCdcSource}: a publication of its tables only, and the
 * slot. Run by the deployer, again and again without harm; the source itself creates nothing.
 */
public final class CdcSlots {

    private static final int FIRST_WITH_FAILOVER = 17;

    private CdcSlots() {}

    /**
     * Creates what is missing. A publication that exists gets exactly these tables. The slot is
     * created after it: a slot decodes with the catalogue as it was, and a publication that came
     * later would be unknown to it.
     *
     * @param connection as owner of the tables with {@code REPLICATION}; committed by itself
     * @param tables {@code schema.table} each
     * @throws SQLException when the server refuses, e.g. with {@code wal_level} below logical
     */
    public static void prepare(
            Connection connection, String publication, String slot, List<String> tables)
            throws SQLException {
        String list = tables.stream().map(CdcSlots::quotedTable).collect(Collectors.joining(", "));
        String name = quoted(publication);
        boolean known =
                exists(connection, "SELECT FROM pg_publication WHERE pubname = ?", publication);
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    known
                            ? "ALTER PUBLICATION " + name + " SET TABLE " + list
                            : "CREATE PUBLICATION " + name + " FOR TABLE " + list);
        }
        if (!exists(connection, "SELECT FROM pg_replication_slots WHERE slot_name = ?", slot)) {
            String create =
                    connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_FAILOVER
                            ? "SELECT pg_create_logical_replication_slot(?, 'pgoutput', false,"
                                    + " false, true)"
                            : "SELECT pg_create_logical_replication_slot(?, 'pgoutput')";
            try (PreparedStatement statement = connection.prepareStatement(create)) {
                statement.setString(1, slot);
                statement.execute();
            }
        }
    }

    /** Lets updates and deletes of a table carry the whole old row. */
    public static void logWholeRows(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE " + quotedTable(table) + " REPLICA IDENTITY FULL");
        }
    }

    private static boolean exists(Connection connection, String query, String name)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private static String quotedTable(String table) {
        return quoted(CdcOptions.schemaOf(table)) + "." + quoted(CdcOptions.nameOf(table));
    }

    private static String quoted(String identifier) {
        try {
            return Utils.escapeIdentifier(null, identifier).toString();
        } catch (SQLException e) {
            throw new IllegalArgumentException("not an identifier: " + identifier, e);
        }
    }
}
