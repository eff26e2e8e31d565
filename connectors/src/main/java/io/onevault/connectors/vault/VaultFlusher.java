package io.onevault.connectors.vault;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that brings rows from a {@link RowBuffer} to the vault. An error of the connection or
 * the server is retried until it ends, with exponential backoff and jitter; an error of the data is
 * bisected down to the row that has it, which becomes a dead letter.
 */
final class VaultFlusher {

    private static final Logger LOG = LoggerFactory.getLogger(VaultFlusher.class);
    private static final long FIRST_BACKOFF_MILLIS = 100;

    private final VaultTable table;
    private final VaultOptions options;
    private final RowBuffer buffer;
    private final Runnable onProgress;
    private final JdbcConnectionProvider connections;
    private final Thread thread;
    private @Nullable VaultWriter writer;
    private @Nullable DeadLetters deadLetters;
    private volatile @Nullable Connection connection;
    private volatile boolean stopped;
    private volatile long rowsWritten;
    private volatile long deadLetterCount;
    private volatile long awaySinceNanos;
    private volatile boolean away;
    private volatile @Nullable Throwable failure;

    VaultFlusher(VaultTable table, VaultOptions options, RowBuffer buffer, Runnable onProgress) {
        this.table = table;
        this.options = options;
        this.buffer = buffer;
        this.onProgress = onProgress;
        this.connections = options.connections();
        this.thread = new Thread(this::run, "vault-flusher-" + table.qualifiedSatellite());
        thread.setDaemon(true);
        thread.setContextClassLoader(VaultFlusher.class.getClassLoader());
    }

    void start() {
        thread.start();
    }

    /** Ends the thread, at most after {@code millis}; rows not written are left in the buffer. */
    void stop(long millis) throws InterruptedException {
        stopped = true;
        thread.interrupt();
        Connection open = connection;
        if (open != null) {
            try {
                open.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("The connection to the vault was gone already", e);
            }
        }
        thread.join(millis);
    }

    /**
     * Passes on a failure that no retry mends.
     *
     * @throws IllegalStateException when the thread ended because of one
     */
    void check() {
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException(
                    "writing to " + table.qualifiedSatellite() + " ended", cause);
        }
    }

    long rowsWritten() {
        return rowsWritten;
    }

    long deadLetters() {
        return deadLetterCount;
    }

    /** Seconds since the vault was last reached, 0 while it is there. */
    long awaySeconds() {
        return away ? TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - awaySinceNanos) : 0;
    }

    private void run() {
        try {
            while (!stopped) {
                buffer.linger(options.batchRows(), options.linger().toNanos());
                writeUntilDone(buffer.take(options.batchRows()));
                buffer.written();
                onProgress.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            // Also an Error: a thread that ended without a word would leave rows waiting for ever.
            if (!stopped) {
                failure = e;
                onProgress.run();
            }
        } finally {
            connections.closeConnection();
        }
    }

    private void writeUntilDone(List<VaultRow> rows) throws InterruptedException {
        long backoff = FIRST_BACKOFF_MILLIS;
        while (true) {
            try {
                writeOrBisect(rows);
                if (away) {
                    LOG.info("The vault is back; writing to {}", table.qualifiedSatellite());
                    away = false;
                }
                return;
            } catch (SQLException | ClassNotFoundException e) {
                if (stopped) {
                    throw new InterruptedException();
                }
                if (!away) {
                    awaySinceNanos = System.nanoTime();
                    away = true;
                }
                LOG.warn(
                        "Rows for {} wait for the vault, next attempt in about {} ms: {}",
                        table.qualifiedSatellite(),
                        backoff,
                        e.getMessage());
                disconnect();
                TimeUnit.MILLISECONDS.sleep(
                        backoff / 2 + ThreadLocalRandom.current().nextLong(backoff));
                backoff = Math.min(backoff * 2, options.backoffMax().toMillis());
            }
        }
    }

    private void writeOrBisect(List<VaultRow> rows) throws SQLException, ClassNotFoundException {
        try {
            writer().write(rows);
            rowsWritten += rows.size();
        } catch (SQLException e) {
            boolean splittable = rows.size() > 1 && isOfTheBatch(e);
            if (!isOfTheData(e) && !splittable) {
                throw e;
            }
            if (rows.size() == 1) {
                DeadLetters letters = deadLetters;
                if (letters == null) {
                    throw e;
                }
                letters.write(table, rows.get(0), e);
                deadLetterCount++;
            } else {
                int half = rows.size() / 2;
                writeOrBisect(rows.subList(0, half));
                writeOrBisect(rows.subList(half, rows.size()));
            }
        }
    }

    private VaultWriter writer() throws SQLException, ClassNotFoundException {
        VaultWriter current = writer;
        if (current == null) {
            Connection established = connections.getOrEstablishConnection();
            connection = established;
            current = new VaultWriter(table, established);
            deadLetters = new DeadLetters(established);
            writer = current;
        }
        return current;
    }

    private void disconnect() {
        writer = null;
        deadLetters = null;
        connection = null;
        connections.closeConnection();
    }

    /** A statement that took too long, or waited too long for others, may do with fewer rows. */
    private static boolean isOfTheBatch(SQLException e) {
        return "57014".equals(e.getSQLState())
                || "55P03".equals(e.getSQLState())
                || "40P01".equals(e.getSQLState());
    }

    /** Data exceptions, integrity violations, and values beyond a limit of the server. */
    private static boolean isOfTheData(SQLException e) {
        String state = e.getSQLState();
        return state != null
                && (state.startsWith("22") || state.startsWith("23") || state.startsWith("54"));
    }
}
