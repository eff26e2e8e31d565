package io.onevault.connectors.cdc.reader;

import io.debezium.connector.postgresql.connection.LogicalDecodingMessage;
import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.debezium.connector.postgresql.connection.TransactionMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log as {@code pgoutput} sends it. Rows go through the engine as they are, as the content of
 * messages, and are decoded behind it by {@link RowDecoder}.
 *
 * <p>Not with the engine's own decoder, because that one asks the catalogue of today for the key of
 * a row of yesterday, refuses columns that differ by case only, replaces bytes that are no text,
 * and fails for good at a value that it cannot parse.
 *
 * <p>A row's table id is overwritten with the number of its description in {@link Relations}.
 * Errors are {@link SQLException}s and end the run.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html">
 *     message formats</a>
 */
final class LogStream implements ReplicationStream {

    private static final Logger LOG = LoggerFactory.getLogger(LogStream.class);

    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");
    private static final int ID_AT = 1;
    private static final int STATUS_PAUSE_SECONDS = 10;

    /** What a row costs beside its bytes while the engine holds it. */
    private static final int OVERHEAD = 1024;

    private static final String PRIMARY_KEY =
            """
            SELECT a.attname
              FROM pg_index AS i
              JOIN pg_attribute AS a
                ON a.attrelid = i.indrelid
                   -- Behind the key stand the columns that the index only includes.
               AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
             WHERE i.indrelid = ?::bigint AND i.indisprimary
            """;

    private final RunContext run;
    private final PostgresConnection catalogue;
    private final PGReplicationStream stream;
    private final Lsn start;
    private final long silenceNanos;
    private final Map<Integer, String> userTypes = new HashMap<>();
    private final Map<Integer, Integer> numbers = new HashMap<>();
    private @Nullable Instant commitTime;
    private long transaction;
    private @Nullable ExecutorService keepAlive;
    private LogSequenceNumber heard = LogSequenceNumber.INVALID_LSN;
    private long heardAt = System.nanoTime();
    private volatile Lsn lastReceived;
    private volatile boolean alive;

    LogStream(RunContext run, PostgresConnection catalogue, PGReplicationStream stream, Lsn start) {
        this.run = run;
        this.catalogue = catalogue;
        this.stream = stream;
        this.start = start;
        this.lastReceived = start;
        // Heartbeats come through the stream; three lost ones are no coincidence.
        this.silenceNanos =
                Math.max(
                                run.options().networkTimeout().toNanos(),
                                run.options().heartbeat().toNanos())
                        * 3;
    }

    @Override
    public void read(ReplicationMessageProcessor processor)
            throws SQLException, InterruptedException {
        take(stream.read(), processor);
    }

    @Override
    public boolean readPending(ReplicationMessageProcessor processor)
            throws SQLException, InterruptedException {
        ByteBuffer message = stream.readPending();
        if (message == null) {
            failWhenSilent();
            return false;
        }
        heardAt = System.nanoTime();
        take(message, processor);
        return true;
    }

    /** A connection whose other end is gone without a word is only ever silent. */
    private void failWhenSilent() throws SQLException {
        LogSequenceNumber now = stream.getLastReceiveLSN();
        long nanos = System.nanoTime();
        if (!now.equals(heard)) {
            heard = now;
            heardAt = nanos;
        } else if (nanos - heardAt > silenceNanos) {
            throw new SQLException(
                    "the server sent nothing for %d s"
                            .formatted(TimeUnit.NANOSECONDS.toSeconds(nanos - heardAt)),
                    "08006");
        }
    }

    private void take(ByteBuffer message, ReplicationMessageProcessor processor)
            throws SQLException, InterruptedException {
        char kind = (char) message.get(message.position());
        if (kind == 'R') {
            relation(message);
            return;
        }
        if (kind == 'Y') {
            message.get();
            int id = message.getInt();
            text(message);
            userTypes.put(id, text(message));
            return;
        }
        lastReceived = Lsn.valueOf(stream.getLastReceiveLSN());
        switch (kind) {
            case 'B' -> {
                commitTime = time(message.getLong(message.position() + 9));
                transaction = Integer.toUnsignedLong(message.getInt(message.position() + 17));
                processor.process(new TransactionMessage(Operation.BEGIN, transaction, commitTime));
            }
            case 'C' ->
                    processor.process(
                            new TransactionMessage(
                                    Operation.COMMIT,
                                    transaction,
                                    time(message.getLong(message.position() + 18))));
            case 'I', 'U', 'D' -> {
                int at = message.position() + ID_AT;
                message.putInt(at, number(message.getInt(at)));
                row(message, processor);
            }
            case 'T' -> {
                message.get();
                int count = message.getInt();
                message.get();
                for (int i = 0; i < count; i++) {
                    ByteBuffer one = ByteBuffer.allocate(5);
                    one.put((byte) 'T').putInt(number(message.getInt())).flip();
                    row(one, processor);
                }
            }
            case 'M' -> message(message, processor);
            case 'O' -> LOG.trace("a transaction that came from another server");
            default -> throw new SQLException("the server sent a message of unknown kind " + kind);
        }
    }

    private int number(int relation) throws SQLException {
        Integer number = numbers.get(relation);
        if (number == null) {
            throw new SQLException("the server described no table with id " + relation);
        }
        return number;
    }

    private void row(ByteBuffer message, ReplicationMessageProcessor processor)
            throws SQLException, InterruptedException {
        Instant committed = commitTime;
        byte[] content =
                Carried.of(
                        message,
                        lastReceived.asLong(),
                        transaction,
                        committed == null ? 0 : committed.toEpochMilli());
        run.budget().acquire(cost(content.length));
        processor.process(
                new LogicalDecodingMessage(
                        Operation.MESSAGE, commitTime, transaction, true, run.id(), content));
    }

    /** What the engine is charged for a message. */
    static long cost(int bytes) {
        return bytes + (long) OVERHEAD;
    }

    /** Messages of others move the position, when they belong to no transaction. */
    private void message(ByteBuffer message, ReplicationMessageProcessor processor)
            throws SQLException, InterruptedException {
        message.get();
        boolean transactional = message.get() == 1;
        message.getLong();
        String prefix = text(message);
        if (transactional) {
            return;
        }
        byte[] content = {};
        if (prefix.equals(Connections.HEARTBEAT_PREFIX)) {
            content = new byte[message.getInt()];
            message.get(content);
        }
        processor.process(
                new LogicalDecodingMessage(Operation.MESSAGE, null, null, false, prefix, content));
    }

    private void relation(ByteBuffer message) throws SQLException {
        message.get();
        int id = message.getInt();
        String schema = text(message);
        String table = text(message);
        char identity = (char) message.get();
        int count = message.getShort();
        List<Relation.Column> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            boolean identifying = (message.get() & 1) == 1;
            String name = text(message);
            int type = message.getInt();
            message.getInt();
            String typeName = userTypes.getOrDefault(type, run.typeNames().get(type));
            columns.add(
                    new Relation.Column(
                            name, typeName == null ? "oid " + type : typeName, identifying));
        }
        Relation relation =
                new Relation(
                        schema.isEmpty() ? "pg_catalog" : schema,
                        table,
                        identity,
                        List.copyOf(columns),
                        List.of());
        if (!relation.tellsKey()) {
            relation =
                    new Relation(
                            relation.schema(),
                            table,
                            identity,
                            relation.columns(),
                            primaryKey(Integer.toUnsignedLong(id)));
        }
        numbers.put(id, run.relations().number(relation));
    }

    private List<String> primaryKey(long relation) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = catalogue.connection().prepareStatement(PRIMARY_KEY)) {
            statement.setLong(1, relation);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    names.add(row.getString(1));
                }
            }
        }
        return List.copyOf(names);
    }

    private static Instant time(long micros) {
        return EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static String text(ByteBuffer message) {
        int end = message.position();
        while (message.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - message.position()];
        message.get(bytes);
        message.get();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void flushLsn(Lsn lsn) throws SQLException {
        LogSequenceNumber next = LogSequenceNumber.valueOf(lsn.asLong());
        if (stream.getLastFlushedLSN().compareTo(next) < 0) {
            stream.setFlushedLSN(next);
        }
        if (stream.getLastAppliedLSN().compareTo(next) < 0) {
            stream.setAppliedLSN(next);
        }
        stream.forceUpdateStatus();
    }

    @Override
    public Lsn lastReceivedLsn() {
        return lastReceived;
    }

    @Override
    public Lsn startLsn() {
        return start;
    }

    /** Tells the server now and then that we live, also while the engine waits for the task. */
    @Override
    public void startKeepAlive(ExecutorService service) {
        keepAlive = service;
        alive = true;
        service.execute(
                () -> {
                    try {
                        while (alive) {
                            stream.forceUpdateStatus();
                            TimeUnit.SECONDS.sleep(STATUS_PAUSE_SECONDS);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (SQLException e) {
                        // Whoever reads meets the same error.
                        LOG.debug("the server could not be told that we live", e);
                    }
                });
    }

    @Override
    public void stopKeepAlive() {
        alive = false;
        ExecutorService service = keepAlive;
        keepAlive = null;
        if (service != null) {
            service.shutdownNow();
        }
    }

    @Override
    public void close() throws SQLException {
        stream.close();
    }
}
