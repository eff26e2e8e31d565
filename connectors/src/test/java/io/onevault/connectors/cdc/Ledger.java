package io.onevault.connectors.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.RowChange;
import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;

/**
 * Writers that keep a ledger of what they do in the same transactions, and the comparison of what
 * arrived with it. Writers survive a server that is away.
 */
final class Ledger implements AutoCloseable {

    static final String TABLE = "public.account";

    private static final int WRITERS = 4;
    private static final int FIRST_ROWS = 3000;

    private final PostgresServer server;
    private final String database;
    private final long seed;
    private final List<Thread> writers = new ArrayList<>();
    private volatile boolean stopped;
    private volatile Throwable failure;

    /** Creates the tables and lets the writers begin. */
    Ledger(PostgresServer server, String database, long seed) throws SQLException {
        this.server = server;
        this.database = database;
        this.seed = seed;
        server.createDatabase(database);
        server.execute(
                database,
                "CREATE TABLE account (id bigint PRIMARY KEY, writer int, amount int)",
                "CREATE TABLE ledger (seq bigserial, op text, id bigint, amount int)",
                "INSERT INTO account SELECT -g, 0, g FROM generate_series(1, "
                        + FIRST_ROWS
                        + ") g");
        CdcJob.prepare(server, database, TABLE);
        for (int i = 1; i <= WRITERS; i++) {
            int writer = i;
            Thread thread = new Thread(() -> writeUntilStopped(writer), "writer-" + i);
            thread.start();
            writers.add(thread);
        }
    }

    /** Ends the writers, waits for what they did and compares. */
    void finishAndCompare(String as) throws Exception {
        close();
        assertThat(failure).as(as).isNull();
        server.execute(database, "INSERT INTO account VALUES (0, 0, 0)");
        Until.holds(
                "the last change",
                () ->
                        CdcJob.changes()
                                .anyMatch(
                                        change ->
                                                change.after() != null
                                                        && CdcJob.text(change.after(), "id")
                                                                .equals("0")));
        Map<String, List<String>> arrived = arrived();
        Map<String, List<String>> written = written(arrived);
        assertThat(arrived.keySet()).as(as).isEqualTo(written.keySet());
        for (Map.Entry<String, List<String>> key : written.entrySet()) {
            assertThat(arrived.get(key.getKey()))
                    .as("%s: history of %s", as, key.getKey())
                    .isEqualTo(key.getValue());
        }
        assertThat(CdcJob.records()).as(as).extracting(CdcRecord::deadLetter).containsOnlyNulls();
        assertThat(
                        CdcJob.changes()
                                .filter(change -> !change.snapshot())
                                .map(
                                        change ->
                                                List.of(
                                                        change.precedingCommitLsn(),
                                                        change.transactionId(),
                                                        change.ordinal()))
                                .toList())
                .as(as)
                .doesNotHaveDuplicates();
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        for (Thread writer : writers) {
            writer.join();
        }
    }

    static long streamed() {
        return CdcJob.changes().filter(change -> !change.snapshot()).count();
    }

    /**
     * What arrived of each key, in order. A row that a snapshot saw comes first and stands for what
     * was done to it before; of a snapshot that was interrupted nothing counts.
     */
    private static Map<String, List<String>> arrived() {
        Map<String, String> read = new TreeMap<>();
        Map<String, List<String>> streamed = new TreeMap<>();
        for (CdcRecord record : CdcJob.records()) {
            if (record.snapshotBoundary() != null && !record.snapshotBoundary().complete()) {
                assertThat(streamed).as("a snapshot after the stream began").isEmpty();
                read.clear();
            }
            RowChange change = record.change();
            if (change == null) {
                continue;
            }
            String id = CdcJob.text(change.key(), "id");
            String amount = change.after() == null ? "-" : CdcJob.text(change.after(), "amount");
            if (change.snapshot()) {
                assertThat(read.put(id, "READ " + amount)).as("READ twice: " + id).isNull();
            } else {
                streamed.computeIfAbsent(id, key -> new ArrayList<>())
                        .add(change.operation() + " " + amount);
            }
        }
        Map<String, List<String>> all = new TreeMap<>();
        read.forEach((id, row) -> all.computeIfAbsent(id, key -> new ArrayList<>()).add(row));
        streamed.forEach(
                (id, rows) -> all.computeIfAbsent(id, key -> new ArrayList<>()).addAll(rows));
        return all;
    }

    /** What must arrive: the newest of what was not streamed, when it left a row, then the rest. */
    private Map<String, List<String>> written(Map<String, List<String>> arrived)
            throws SQLException {
        Map<String, List<String>> history = new TreeMap<>();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT 'CREATE', -g, g FROM generate_series(1, "
                                        + FIRST_ROWS
                                        + ") g UNION ALL"
                                        + " (SELECT op, id, amount FROM ledger ORDER BY seq)"
                                        + " UNION ALL SELECT 'CREATE', 0, 0")) {
            while (row.next()) {
                String amount = row.getString(3) == null ? "-" : row.getString(3);
                history.computeIfAbsent(row.getString(2), id -> new ArrayList<>())
                        .add(row.getString(1) + " " + amount);
            }
        }
        Map<String, List<String>> expected = new TreeMap<>();
        history.forEach(
                (id, operations) -> {
                    long streamed =
                            arrived.getOrDefault(id, List.of()).stream()
                                    .filter(operation -> !operation.startsWith("READ"))
                                    .count();
                    int first = (int) (operations.size() - streamed);
                    assertThat(first).as("more streamed than written: " + id).isNotNegative();
                    List<String> rows = new ArrayList<>();
                    if (first > 0 && !operations.get(first - 1).endsWith("-")) {
                        rows.add("READ " + operations.get(first - 1).split(" ")[1]);
                    }
                    rows.addAll(operations.subList(first, operations.size()));
                    if (!rows.isEmpty()) {
                        expected.put(id, rows);
                    }
                });
        return expected;
    }

    private void writeUntilStopped(int writer) {
        Random random = new Random(seed + writer);
        long next = writer * 1_000_000L;
        while (!stopped) {
            try {
                next = write(writer, random, next);
            } catch (SQLException e) {
                // The server is away, or ended the session; whether it committed the ledger says.
                next += 1_000;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            } catch (IOException | RuntimeException e) {
                failure = e;
                return;
            }
        }
    }

    /** Transactions of several rows; those of a COPY share a place in the log. */
    private long write(int writer, Random random, long first) throws SQLException, IOException {
        long next = first;
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            List<Long> alive = new ArrayList<>();
            try (ResultSet row =
                    statement.executeQuery("SELECT id FROM account WHERE writer = " + writer)) {
                while (row.next()) {
                    alive.add(row.getLong(1));
                    next = Math.max(next, row.getLong(1) + 1);
                }
            }
            connection.setAutoCommit(false);
            while (!stopped) {
                int rows = 1 + random.nextInt(4);
                for (int i = 0; i < rows; i++) {
                    next = change(statement, writer, random, next, alive);
                }
                if (random.nextInt(10) == 0) {
                    next = copy(connection, statement, writer, next, random, alive);
                }
                connection.commit();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
        return next;
    }

    private static long change(
            Statement statement, int writer, Random random, long first, List<Long> alive)
            throws SQLException {
        long next = first;
        int amount = random.nextInt(1_000_000);
        if (alive.isEmpty() || random.nextInt(3) == 0) {
            long id = next++;
            alive.add(id);
            statement.execute(
                    "INSERT INTO account VALUES (%d, %d, %d)".formatted(id, writer, amount));
            log(statement, "CREATE", id, Integer.toString(amount));
        } else if (random.nextInt(3) == 0) {
            long id = alive.remove(random.nextInt(alive.size()));
            statement.execute("DELETE FROM account WHERE id = " + id);
            log(statement, "DELETE", id, "NULL");
        } else {
            long id = alive.get(random.nextInt(alive.size()));
            statement.execute("UPDATE account SET amount = %d WHERE id = %d".formatted(amount, id));
            log(statement, "UPDATE", id, Integer.toString(amount));
        }
        return next;
    }

    private static long copy(
            Connection connection,
            Statement statement,
            int writer,
            long first,
            Random random,
            List<Long> alive)
            throws SQLException, IOException {
        StringBuilder rows = new StringBuilder();
        StringBuilder entries = new StringBuilder();
        long next = first;
        for (int i = 0; i < 50; i++) {
            int amount = random.nextInt(1_000_000);
            rows.append("%d\t%d\t%d\n".formatted(next, writer, amount));
            entries.append(i == 0 ? "" : ", ").append("('CREATE', %d, %d)".formatted(next, amount));
            alive.add(next++);
        }
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY account FROM STDIN", new StringReader(rows.toString()));
        statement.execute("INSERT INTO ledger (op, id, amount) VALUES " + entries);
        return next;
    }

    private static void log(Statement statement, String op, long id, String amount)
            throws SQLException {
        statement.execute(
                "INSERT INTO ledger (op, id, amount) VALUES ('%s', %d, %s)"
                        .formatted(op, id, amount));
    }
}
