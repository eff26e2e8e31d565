package io.onevault.connectors.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.postgresql.core.Utils;

/**
 * Prepares a database for a {@link PostgresCdcSource}: a publication of its tables only, and the
 * slot. Run by the deployer, again and again without harm; the source itself creates nothing.
 *
 * <p>Changes of partitions are published under the name of the partitioned table, whichever
 * partitions there are at the time. What the server does not publish then: {@code TRUNCATE} of one
 * partition, and the rows that a partition holds when it is attached or detached.
 */
public final class CdcSlots {

    private static final int FIRST_WITH_FAILOVER = 17;
    private static final String ALL = "'insert, update, delete, truncate'";
    private static final String ROOT = "publish_via_partition_root = true";

    private CdcSlots() {}

    private static final String PARTITIONS =
            """
            SELECT n.nspname, c.relname
              FROM pg_partition_tree(?::regclass) AS p
              JOIN pg_class AS c ON c.oid = p.relid
              JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p')
            """;

    /** What stands under the name of a slot. */
    public enum Standing {
        MISSING,
        /** Ours, as far as the server can tell. */
        USABLE,
        /** Of another plugin or database: somebody else's. */
        FOREIGN,
        /** Older than its publication, with which it cannot decode then. */
        WITHOUT_PUBLICATION
    }

    private static final String STANDING =
            """
            SELECT slot_type = 'logical' AND plugin = 'pgoutput'
                       AND database = current_database() AS here,
                   EXISTS (SELECT FROM pg_publication WHERE pubname = ?) AS published
              FROM pg_replication_slots
             WHERE slot_name = ?
            """;

    /** Looks only. */
    public static Standing standing(Connection connection, String publication, String slot)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(STANDING)) {
            statement.setString(1, publication);
            statement.setString(2, slot);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Standing.MISSING;
                }
                if (!row.getBoolean("here")) {
                    return Standing.FOREIGN;
                }
                return row.getBoolean("published") ? Standing.USABLE : Standing.WITHOUT_PUBLICATION;
            }
        }
    }

    /**
     * Creates what is missing. A publication that exists gets exactly these tables. The slot is
     * created after it: a slot decodes with the catalogue as it was, and a publication that came
     * later is unknown to it. A slot that exists is never moved, because whoever reads it would
     * lose what it has not read.
     *
     * @param connection as owner of the tables with {@code REPLICATION}; committed by itself
     * @param tables {@code schema.table} each
     * @throws SQLException when the server refuses, e.g. with {@code wal_level} below logical, or
     *     when the slot is {@link Standing#FOREIGN} or {@link Standing#WITHOUT_PUBLICATION};
     *     nothing has changed then
     */
    public static void prepare(
            Connection connection, String publication, String slot, List<String> tables)
            throws SQLException {
        Standing standing = standing(connection, publication, slot);
        if (standing == Standing.FOREIGN || standing == Standing.WITHOUT_PUBLICATION) {
            throw new SQLException("slot " + slot + " is " + standing, "55000");
        }
        String list = tables.stream().map(CdcSlots::quotedTable).collect(Collectors.joining(", "));
        String name = quoted(publication);
        boolean known =
                exists(connection, "SELECT FROM pg_publication WHERE pubname = ?", publication);
        try (Statement statement = connection.createStatement()) {
            if (known) {
                statement.execute("ALTER PUBLICATION " + name + " SET TABLE " + list);
                statement.execute(
                        "ALTER PUBLICATION " + name + " SET (publish = " + ALL + ", " + ROOT + ")");
            } else {
                statement.execute(
                        "CREATE PUBLICATION "
                                + name
                                + " FOR TABLE "
                                + list
                                + " WITH (publish = "
                                + ALL
                                + ", "
                                + ROOT
                                + ")");
            }
        }
        if (standing == Standing.MISSING) {
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

    /**
     * Lets updates and deletes of a table carry the whole old row, and of each of its partitions: a
     * partition does not take this over, and one that is created later needs another call.
     */
    public static void logWholeRows(Connection connection, String table) throws SQLException {
        List<String> relations = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(PARTITIONS)) {
            statement.setString(1, quotedTable(table));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    relations.add(quoted(row.getString(1)) + "." + quoted(row.getString(2)));
                }
            }
        }
        if (relations.isEmpty()) {
            relations.add(quotedTable(table));
        }
        try (Statement statement = connection.createStatement()) {
            for (String relation : relations) {
                statement.execute("ALTER TABLE " + relation + " REPLICA IDENTITY FULL");
            }
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
