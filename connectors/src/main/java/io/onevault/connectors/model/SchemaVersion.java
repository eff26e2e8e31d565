package io.onevault.connectors.model;

import java.util.List;

/**
 * The columns of a table from one moment on: sent before the first change that has them, and again
 * whenever they are others than before. Also sent, with the columns of its table, when a partition
 * is first seen; its changes carry the table's name.
 *
 * @param target the configured name of the watched server
 * @param schema the table's schema
 * @param table the table's name
 * @param columns in the table's order
 * @param lsn where the first change with these columns stands in the log, or where the snapshot was
 *     taken
 * @param timestamp when that change was committed; server's clock, milliseconds since the epoch
 */
public record SchemaVersion(
        String target,
        String schema,
        String table,
        List<TableColumn> columns,
        long lsn,
        long timestamp) {

    /**
     * A column as the server describes it to its subscribers.
     *
     * @param name the column
     * @param type the type's name in {@code pg_type}; an array's begins with an underscore; of a
     *     domain that of its base type
     * @param key whether it belongs to the primary key
     */
    public record TableColumn(String name, String type, boolean key) {}
}
