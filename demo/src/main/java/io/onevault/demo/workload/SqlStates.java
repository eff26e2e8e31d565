package io.onevault.demo.workload;

import java.sql.SQLException;

/** The SQLSTATEs the workload tells apart. */
final class SqlStates {

    static final String DEADLOCK = "40P01";

    private static final String UNKNOWN = "unknown";

    private SqlStates() {}

    static String of(SQLException e) {
        String state = e.getSQLState();
        return state == null ? UNKNOWN : state;
    }

    /** Whether the connection is gone: broken, or ended by an administrator, crash or shutdown. */
    static boolean connectionLost(SQLException e) {
        String state = of(e);
        return state.startsWith("08") || state.startsWith("57P0");
    }
}
