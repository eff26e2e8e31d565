package io.onevault.connectors.cdc.reader;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which partitions tables have. The log does not tell when one is attached or detached, and the
 * rows that come or go with it are no changes.
 */
final class Partitions {

    /**
     * A partition that was made as one has the same age as its row type; one that was a table
     * before is younger as a partition.
     */
    private static final String ALL =
            """
            WITH RECURSIVE
            tree AS (
              SELECT c.oid, t.name AS root
                FROM unnest(?::text[]) AS t (name)
                JOIN pg_namespace AS n ON starts_with(t.name, n.nspname || '.')
                JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relkind = 'p'
                                  AND n.nspname || '.' || c.relname = t.name
              UNION ALL
              SELECT i.inhrelid, tree.root
                FROM tree
                JOIN pg_inherits AS i ON i.inhparent = tree.oid
            )
            SELECT n.nspname || '.' || c.relname AS name,
                   tree.root,
                   i.xmin::text = t.xmin::text AS made_as_one
              FROM tree
              JOIN pg_inherits AS i ON i.inhrelid = tree.oid
              JOIN pg_class AS c ON c.oid = tree.oid
              JOIN pg_namespace AS n ON n.oid = c.relnamespace
              JOIN pg_type AS t ON t.oid = c.reltype
             ORDER BY 1
            """;

    private Partitions() {}

    /**
     * A partition.
     *
     * @param name {@code schema.table}
     * @param root the configured table it belongs to
     * @param madeAsOne false when it was a table before and may have brought rows with it
     */
    record Partition(String name, String root, boolean madeAsOne) {}

    static List<Partition> read(Connection connection, List<String> tables) throws SQLException {
        List<Partition> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(ALL)) {
            statement.setArray(1, connection.createArrayOf("text", tables.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(
                            new Partition(
                                    row.getString("name"),
                                    row.getString("root"),
                                    row.getBoolean("made_as_one")));
                }
            }
        }
        return found;
    }
}
