package io.onevault.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** Shorthand for asking a database in tests. */
final class Rows {

    private Rows() {}

    /** The rows, each as its columns' texts joined by a bar. */
    static List<String> of(Connection connection, String sql, Object... parameters)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                query.setObject(i + 1, parameters[i]);
            }
            try (ResultSet rows = query.executeQuery()) {
                List<String> found = new ArrayList<>();
                while (rows.next()) {
                    StringJoiner row = new StringJoiner("|");
                    for (int c = 1; c <= rows.getMetaData().getColumnCount(); c++) {
                        row.add(rows.getString(c));
                    }
                    found.add(row.toString());
                }
                return found;
            }
        }
    }

    /** The only row's only column. */
    static String one(Connection connection, String sql, Object... parameters) throws SQLException {
        return of(connection, sql, parameters).get(0);
    }

    static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
