package io.onevault.connectors.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.RowChange;
import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/**
 * What arrives is compared with a ledger that the writers keep in the same transactions: no row is
 * missing and none is there twice, whatever fails meanwhile.
 */
class CdcExactnessIT {

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    private static final int WRITERS = 4;
    private static final long SEED = 20_260_726L;
    private static final String DATABASE = "ledger_test";

    @ParameterizedTest
    @ValueSource(ints = {14, PostgresServer.LATEST_VERSION})
    void deliversEveryChangeOnce(int version) throws Exception {
        try (PostgresServer server = PostgresServer.builder(version).start()) {
            server.createDatabase(DATABASE);
            server.execute(
                    DATABASE,
                    "CREATE TABLE account (id bigint PRIMARY KEY, writer int, amount int)",
                    "CREATE TABLE ledger (seq bigserial, op text, id bigint, amount int)",
                    "INSERT INTO account SELECT -g, 0, g FROM generate_series(1, 3000) g");
            CdcJob.prepare(server, DATABASE, "public.account");
            AtomicBoolean stop = new AtomicBoolean();
            AtomicReference<Throwable> failed = new AtomicReference<>();
            List<Thread> writers = new ArrayList<>();
            for (int i = 1; i <= WRITERS; i++) {
                int writer = i;
                Thread thread =
                        new Thread(
                                () -> {
                                    try {
                                        write(server, writer, stop);
                                    } catch (SQLException e) {
                                        failed.set(e);
                                    }
                                });
                thread.start();
                writers.add(thread);
            }
            try (CdcJob job =
                    CdcJob.start(
                            CdcJob.source(server, DATABASE, "public.account").build(),
                            Duration.ofMillis(300))) {
                assertThat(job).isNotNull();
                Until.holds("streaming", () -> streamed() > 100);
                Until.holds("a checkpoint", () -> CdcJob.completedCheckpoints() > 2);
                CdcJob.failNext();
                Until.holds("the restart", () -> CdcJob.starts() == 2);
                long before = streamed();
                Until.holds("streaming again", () -> streamed() > before + 200);
                terminateWalSender(server);
                long cut = streamed();
                Until.holds("streaming after the session was ended", () -> streamed() > cut + 200);
                CdcJob.failNext();
                Until.holds("the second restart", () -> CdcJob.starts() == 3);
                stop.set(true);
                for (Thread writer : writers) {
                    writer.join();
                }
                assertThat(failed.get()).isNull();
                server.execute(DATABASE, "INSERT INTO account VALUES (0, 0, 0)");
                Until.holds(
                        "the last change",
                        () ->
                                CdcJob.changes()
                                        .anyMatch(
                                                change ->
                                                        change.after() != null
                                                                && CdcJob.text(change.after(), "id")
                                                                        .equals("0")));
                assertThat(arrived()).isEqualTo(ledger(server));
                assertThat(CdcJob.records()).extracting(CdcRecord::deadLetter).containsOnlyNulls();
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
                        .doesNotHaveDuplicates();
            }
        }
    }

    private static long streamed() {
        return CdcJob.changes().filter(change -> !change.snapshot()).count();
    }

    /**
     * Changes of writers by operation, key and amount. A row that the snapshot saw stands for what
     * was done to it before: its newest state only.
     */
    private static Map<String, Integer> arrived() {
        Map<String, Integer> counts = new TreeMap<>();
        Map<String, RowChange> read = new TreeMap<>();
        CdcJob.changes()
                .forEach(
                        change -> {
                            String id = CdcJob.text(change.key(), "id");
                            if (change.snapshot()) {
                                assertThat(read.put(id, change)).as("READ twice: " + id).isNull();
                                return;
                            }
                            String amount =
                                    change.after() == null
                                            ? "-"
                                            : CdcJob.text(change.after(), "amount");
                            counts.merge(
                                    change.operation() + " " + id + " " + amount, 1, Integer::sum);
                        });
        read.forEach(
                (id, change) ->
                        counts.merge(
                                "READ " + id + " " + CdcJob.text(change.after(), "amount"),
                                1,
                                Integer::sum));
        return counts;
    }

    /** What must arrive: the rows of the first change streamed on, and the state before it. */
    private static Map<String, Integer> ledger(PostgresServer server) throws SQLException {
        Map<String, List<String>> history = new TreeMap<>();
        Map<String, List<String>> amounts = new TreeMap<>();
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT 'CREATE', -g, g FROM generate_series(1, 3000) g UNION ALL"
                                        + " (SELECT op, id, amount FROM ledger ORDER BY seq)"
                                        + " UNION ALL SELECT 'CREATE', 0, 0")) {
            while (row.next()) {
                String amount = row.getString(3) == null ? "-" : row.getString(3);
                history.computeIfAbsent(row.getString(2), id -> new ArrayList<>())
                        .add(row.getString(1) + " " + row.getString(2) + " " + amount);
                amounts.computeIfAbsent(row.getString(2), id -> new ArrayList<>()).add(amount);
            }
        }
        Map<String, Integer> streamedByKey = new TreeMap<>();
        CdcJob.changes()
                .filter(change -> !change.snapshot())
                .forEach(
                        change ->
                                streamedByKey.merge(
                                        CdcJob.text(change.key(), "id"), 1, Integer::sum));
        Map<String, Integer> expected = new TreeMap<>();
        history.forEach(
                (id, operations) -> {
                    int first = operations.size() - streamedByKey.getOrDefault(id, 0);
                    assertThat(first).as("more streamed than written: " + id).isNotNegative();
                    if (first > 0 && !amounts.get(id).get(first - 1).equals("-")) {
                        expected.merge(
                                "READ " + id + " " + amounts.get(id).get(first - 1),
                                1,
                                Integer::sum);
                    }
                    for (String operation : operations.subList(first, operations.size())) {
                        expected.merge(operation, 1, Integer::sum);
                    }
                });
        return expected;
    }

    /** Transactions of several rows; those of a COPY share a place in the log. */
    private static void write(PostgresServer server, int writer, AtomicBoolean stop)
            throws SQLException {
        Random random = new Random(SEED + writer);
        long next = writer * 1_000_000L;
        List<Long> alive = new ArrayList<>();
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (!stop.get()) {
                int rows = 1 + random.nextInt(4);
                for (int i = 0; i < rows; i++) {
                    int amount = random.nextInt(1_000_000);
                    if (alive.isEmpty() || random.nextInt(3) == 0) {
                        long id = next++;
                        alive.add(id);
                        statement.execute(
                                "INSERT INTO account VALUES (%d, %d, %d)"
                                        .formatted(id, writer, amount));
                        log(statement, "CREATE", id, Integer.toString(amount));
                    } else if (random.nextInt(3) == 0) {
                        long id = alive.remove(random.nextInt(alive.size()));
                        statement.execute("DELETE FROM account WHERE id = " + id);
                        log(statement, "DELETE", id, "NULL");
                    } else {
                        long id = alive.get(random.nextInt(alive.size()));
                        statement.execute(
                                "UPDATE account SET amount = %d WHERE id = %d"
                                        .formatted(amount, id));
                        log(statement, "UPDATE", id, Integer.toString(amount));
                    }
                }
                if (random.nextInt(10) == 0) {
                    next = copy(connection, statement, writer, next, random, alive);
                }
                connection.commit();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        long next = first;
        for (int i = 0; i < 50; i++) {
            int amount = random.nextInt(1_000_000);
            rows.append("%d\t%d\t%d\n".formatted(next, writer, amount));
            log(statement, "CREATE", next, Integer.toString(amount));
            alive.add(next++);
        }
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY account FROM STDIN", new StringReader(rows.toString()));
        return next;
    }

    private static void log(Statement statement, String op, long id, String amount)
            throws SQLException {
        statement.execute(
                "INSERT INTO ledger (op, id, amount) VALUES ('%s', %d, %s)"
                        .formatted(op, id, amount));
    }

    private static void terminateWalSender(PostgresServer server) {
        server.execute(
                DATABASE,
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name"
                        + " = '"
                        + DATABASE
                        + "'");
    }
}
