package io.onevault.connectors.cdc.reader;

import java.util.List;

/**
 * A table as the server described it before the rows that follow.
 *
 * @param schema the table's schema at that place in the log
 * @param table the table's name there
 * @param identity what updates and deletes log of the old row: {@code d} the primary key, {@code i}
 *     an index, {@code f} the whole row, {@code n} nothing
 * @param primaryKey the primary key's columns as the catalogue names them today; asked only where
 *     {@code identity} does not tell
 */
record Relation(
        String schema, String table, char identity, List<Column> columns, List<String> primaryKey) {

    /**
     * A column.
     *
     * @param type the type's name in {@code pg_type}; of a domain that of its base type
     * @param identifying whether it belongs to what is logged of the old row
     */
    record Column(String name, String type, boolean identifying) {}

    /** Whether the identifying columns are the key. */
    boolean tellsKey() {
        return (identity == 'd' || identity == 'i')
                && columns.stream().anyMatch(Column::identifying);
    }

    String name() {
        return schema + "." + table;
    }
}
