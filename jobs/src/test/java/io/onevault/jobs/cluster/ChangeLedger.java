package io.onevault.jobs.cluster;

import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Writers that keep a ledger of what they do in the same transactions, however often their server
 * goes away.
 */
final class ChangeLedger implements AutoCloseable {

    static final String DATABASE = "ledger";
    static final int INITIAL_ROWS = 500;

    private static final int WRITERS = 2;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final String url;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Thread> writers = new ArrayList<>();

    private ChangeLedger(String url) {
        this.url = url;
    }

    /** Creates the tables with what the snapshot will find. */
    static void create(PostgresServer server) {
        server.createDatabase(DATABASE);
        server.execute(
                DATABASE,
                "CREATE TABLE account (id bigint PRIMARY KEY, amount int NOT NULL)",
                "CREATE TABLE ledger (seq bigserial, operation text, id bigint, amount text)",
                "INSERT INTO account SELECT -g, g FROM generate_series(1, "
                        + INITIAL_ROWS
                        + ") AS g");
    }

    /** Starts the writers. */
    static ChangeLedger start(PostgresServer server, long seed) {
        ChangeLedger ledger = new ChangeLedger(server.jdbcUrl(DATABASE));
        for (int i = 0; i < WRITERS; i++) {
            int writer = i;
            Thread thread =
                    new Thread(
                            () -> ledger.write(writer, new Random(seed + writer)),
                            "ledger-writer-" + i);
            thread.start();
            ledger.writers.add(thread);
        }
        return ledger;
    }

    private void write(int writer, Random random) {
        while (!stop.get()) {
            try (Connection connection = DriverManager.getConnection(url, "postgres", "")) {
                connection.setAutoCommit(false);
                while (!stop.get()) {
                    transaction(connection, writer, random);
                    connection.commit();
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (SQLException serverIsAway) {
                LockSupport.parkNanos(10 * PAUSE_NANOS);
            }
        }
    }

    /** Each writer has ids of its own, so that the ledger's order is that of each id's changes. */
    private static void transaction(Connection connection, int writer, Random random)
            throws SQLException {
        int changes = random.nextInt(20) == 0 ? 200 : 1 + random.nextInt(8);
        for (int i = 0; i < changes; i++) {
            long id = WRITERS * (long) random.nextInt(300) + writer + 1;
            int amount = random.nextInt(1_000_000);
            String sql =
                    switch (random.nextInt(3)) {
                        case 0 ->
                                "DELETE FROM account WHERE id = ? AND ? >= 0 RETURNING 'DELETE',"
                                        + " '-'";
                        case 1 ->
                                "UPDATE account SET amount = s.amount FROM (SELECT ?::bigint AS id,"
                                        + " ?::int AS amount) s WHERE account.id = s.id RETURNING"
                                        + " 'UPDATE', account.amount::text";
                        default ->
                                "INSERT INTO account VALUES (?, ?) ON CONFLICT (id) DO NOTHING"
                                        + " RETURNING 'CREATE', amount::text";
                    };
            try (PreparedStatement statement =
                    connection.prepareStatement(
                            "WITH done (operation, amount) AS ("
                                    + sql
                                    + ") INSERT INTO ledger (operation, id, amount)"
                                    + " SELECT operation, ?, amount FROM done")) {
                statement.setLong(1, id);
                statement.setInt(2, amount);
                statement.setLong(3, id);
                statement.execute();
            }
        }
    }

    /** Ends the writers. */
    @Override
    public void close() throws InterruptedException {
        stop.set(true);
        for (Thread writer : writers) {
            writer.join();
        }
    }

    /** How often each change was made. */
    static Map<String, Integer> made(PostgresServer server) throws SQLException {
        return counted(server, DATABASE, "SELECT operation, id, amount FROM ledger");
    }

    /** How often each change stands in the vault, without the rows of the snapshot. */
    static Map<String, Integer> stored(PostgresServer vault) throws SQLException {
        return counted(
                vault,
                "vault",
                "SELECT operation, id, amount FROM monitoring.ledger_change_s WHERE operation <>"
                        + " 'READ'");
    }

    private static Map<String, Integer> counted(PostgresServer server, String database, String sql)
            throws SQLException {
        Map<String, Integer> counts = new TreeMap<>();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                counts.merge(
                        row.getString(1) + ' ' + row.getString(2) + ' ' + row.getString(3),
                        1,
                        Integer::sum);
            }
        }
        return counts;
    }
}
