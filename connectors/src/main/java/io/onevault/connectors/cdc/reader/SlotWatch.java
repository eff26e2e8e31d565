package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at slot and publication once per heartbeat, on a connection of its own: how much log the
 * slot has not confirmed, whether the publication is still the one that is read, and which
 * partitions the tables have. From version 18 on the server leaves out, without an error, what a
 * dropped publication would have published.
 *
 * <p>A look that fails leaves the last one standing. Used by the engine's thread.
 */
final class SlotWatch {

    private static final Logger LOG = LoggerFactory.getLogger(SlotWatch.class);

    private static final String LOOK =
            """
            SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), confirmed_flush_lsn)::bigint,
                   COALESCE((SELECT oid::bigint FROM pg_publication WHERE pubname = ?), 0),
                   (extract(epoch FROM clock_timestamp()) * 1000)::bigint
              FROM pg_replication_slots
             WHERE slot_name = ?
            """;

    /**
     * What was seen.
     *
     * @param time the server's clock, milliseconds since the epoch
     */
    record Look(List<Partitions.Partition> partitions, long time) {}

    private final CdcOptions options;
    private final CdcMetrics metrics;
    private @Nullable Connection connection;
    private long lastNanos;

    SlotWatch(CdcOptions options, CdcMetrics metrics) {
        this.options = options;
        this.metrics = metrics;
        this.lastNanos = System.nanoTime() - options.heartbeat().toNanos();
    }

    /**
     * Looks when a heartbeat has passed since the last time.
     *
     * @return null when it did not, or could not
     * @throws IllegalStateException when the publication is not the one with this object id
     */
    synchronized @Nullable Look look(long publication) {
        long now = System.nanoTime();
        if (now - lastNanos < options.heartbeat().toNanos()) {
            return null;
        }
        lastNanos = now;
        long found = publication;
        Look look = null;
        try {
            Connection open = connection;
            if (open == null) {
                open = Connections.open(options);
                connection = open;
            }
            try (PreparedStatement statement = open.prepareStatement(LOOK)) {
                statement.setString(1, options.publication());
                statement.setString(2, options.slot());
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next()) {
                        metrics.slotLag(row.getLong(1));
                        found = row.getLong(2);
                        look = new Look(Partitions.read(open, options.tables()), row.getLong(3));
                    }
                }
            }
        } catch (SQLException e) {
            LOG.debug("slot {} was not looked at", options.slot(), e);
            close();
        }
        if (found != publication) {
            throw new IllegalStateException(
                    "publication %s is no longer there".formatted(options.publication()));
        }
        return look;
    }

    synchronized void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                LOG.debug("a connection was broken already", e);
            }
        }
    }
}
