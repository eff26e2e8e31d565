package io.onevault.connectors.cdc.reader;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/**
 * The names of the types that come with the server; their ids never change. Those that users made
 * the stream names itself, as they were called at that place in the log.
 */
final class TypeNames {

    private static final int FIRST_OF_USERS = 16_384;

    private TypeNames() {}

    static Map<Integer, String> read(Connection connection) throws SQLException {
        Map<Integer, String> names = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT oid::bigint, typname FROM pg_type WHERE oid < "
                                        + FIRST_OF_USERS)) {
            while (row.next()) {
                names.put((int) row.getLong(1), row.getString(2));
            }
        }
        return Map.copyOf(names);
    }
}
