package io.onevault.benchmarks.cdc;

import io.onevault.connectors.cdc.CdcSlots;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * A server's log with row changes of known number, written once and read any number of times: every
 * reader gets a copy of a slot that stands before them.
 */
final class ChangeLog {

    static final String DATABASE = "shop";
    static final String PUBLICATION = "changes";
    static final List<String> TABLES = ChangedTable.ALL.stream().map(ChangedTable::name).toList();

    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** Rows of the transactions, again and again; half of all changes are in the large ones. */
    private static final int[] TRANSACTIONS = {
        1, 1, 1, 20, 1, 1, 5, 1, 1, 200, 1, 1, 1, 20, 1, 3, 1, 1, 1, 2_000, 1, 50, 1, 1, 1, 500
    };

    private final PostgresServer server;

    private ChangeLog(PostgresServer server) {
        this.server = server;
    }

    /** Creates the tables and their publication. */
    static ChangeLog create(PostgresServer server) throws SQLException {
        server.createDatabase(DATABASE);
        for (ChangedTable table : ChangedTable.ALL) {
            server.execute(DATABASE, table.definition());
        }
        try (Connection connection = server.connect(DATABASE)) {
            CdcSlots.logWholeRows(connection, ChangedTable.ORDERS.name());
        }
        return new ChangeLog(server);
    }

    PostgresServer server() {
        return server;
    }

    /** A slot that stands at the end of the log. */
    void mark(String slot) throws SQLException {
        try (Connection connection = server.connect(DATABASE)) {
            CdcSlots.prepare(connection, PUBLICATION, slot, TABLES);
        }
    }

    /** A slot that stands where {@code mark} does; an older one of this name is dropped. */
    void copy(String mark, String slot) throws SQLException, TimeoutException {
        drop(slot);
        execute("SELECT pg_copy_logical_replication_slot('" + mark + "', '" + slot + "')");
    }

    /** Drops a slot if it exists, as soon as its reader has left. */
    void drop(String slot) throws SQLException, TimeoutException {
        await(
                "NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '%s' AND active)",
                slot);
        execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                        + " WHERE slot_name = '"
                        + slot
                        + "'");
    }

    /** Waits until a slot was confirmed beyond {@code mark}, thus its reader streams. */
    void awaitConfirmed(String slot, String mark) throws SQLException, TimeoutException {
        await(
                "(SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '%s')"
                        + " > (SELECT confirmed_flush_lsn FROM pg_replication_slots"
                        + " WHERE slot_name = '"
                        + mark
                        + "')",
                slot);
    }

    /** Writes so many row changes in transactions of mixed size, and empties the tables. */
    void writeMixed(int changes) throws SQLException {
        write(changes, false);
    }

    /** Writes so many row changes in one transaction, and empties the tables. */
    void writeAtOnce(int changes) throws SQLException {
        write(changes, true);
    }

    private void write(int changes, boolean atOnce) throws SQLException {
        try (Connection connection = server.connect(DATABASE)) {
            connection.setAutoCommit(false);
            Writer writer = new Writer(connection);
            int written = 0;
            for (int i = 0; written < changes; i++) {
                int size = atOnce ? changes : TRANSACTIONS[i % TRANSACTIONS.length];
                int now = Math.min(size, changes - written);
                writer.transaction(now, i);
                written += now;
            }
            connection.setAutoCommit(true);
            try (Statement statement = connection.createStatement()) {
                statement.execute("TRUNCATE " + String.join(", ", TABLES));
                statement.execute("CHECKPOINT");
            }
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void await(String condition, String slot) throws SQLException, TimeoutException {
        long end = System.nanoTime() + LIMIT.toNanos();
        try (Connection connection = server.connect(DATABASE);
                PreparedStatement statement =
                        connection.prepareStatement("SELECT " + condition.formatted(slot))) {
            while (true) {
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    if (row.getBoolean(1)) {
                        return;
                    }
                }
                if (System.nanoTime() > end) {
                    throw new TimeoutException(
                            "slot " + slot + " was not ready within " + LIMIT.toSeconds() + " s");
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    /** Of every ten changes of a table, five insert, three update, two delete the oldest. */
    private static final class Writer {
        private final Connection connection;
        private final int[] oldest = new int[ChangedTable.ALL.size()];
        private final int[] next = new int[ChangedTable.ALL.size()];
        private int single;

        Writer(Connection connection) {
            this.connection = connection;
        }

        /** Commits {@code size} changes, of one table when it is small, else of all. */
        void transaction(int size, int number) throws SQLException {
            int tables = ChangedTable.ALL.size();
            if (size < 10 * tables) {
                for (int i = 0; i < size; i++) {
                    one(number % tables);
                }
            } else {
                int share = size / tables;
                for (int table = 0; table < tables; table++) {
                    many(table, table == 0 ? size - share * (tables - 1) : share);
                }
            }
            connection.commit();
        }

        private void one(int table) throws SQLException {
            int kind = single++ % 10;
            if (kind < 5 || next[table] - oldest[table] < 2) {
                insert(table, 1);
            } else if (kind < 8) {
                update(table, 1);
            } else {
                delete(table, 1);
            }
        }

        private void many(int table, int changes) throws SQLException {
            int deletes = changes / 5;
            int updates = changes * 3 / 10;
            insert(table, changes - deletes - updates);
            update(table, updates);
            delete(table, deletes);
        }

        private void insert(int table, int rows) throws SQLException {
            int from = next[table];
            next[table] += rows;
            run(ChangedTable.ALL.get(table).insert(), from, next[table], rows);
        }

        private void update(int table, int rows) throws SQLException {
            run(ChangedTable.ALL.get(table).update(), oldest[table], oldest[table] + rows, rows);
        }

        private void delete(int table, int rows) throws SQLException {
            int from = oldest[table];
            oldest[table] += rows;
            run(ChangedTable.ALL.get(table).delete(), from, oldest[table], rows);
        }

        private void run(String sql, int from, int to, int rows) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setInt(1, from);
                statement.setInt(2, to);
                int changed = statement.executeUpdate();
                if (changed != rows) {
                    throw new IllegalStateException(
                            sql + " changed " + changed + " rows instead of " + rows);
                }
            }
        }
    }
}
