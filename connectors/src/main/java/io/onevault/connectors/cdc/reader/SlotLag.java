package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures how much log the slot has not confirmed, once per heartbeat, on a connection of its own.
 * A measurement that fails leaves the last one standing. Used by the engine's thread.
 */
final class SlotLag {

    private static final Logger LOG = LoggerFactory.getLogger(SlotLag.class);

    private static final String LAG =
            """
            SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), confirmed_flush_lsn)::bigint
              FROM pg_replication_slots
             WHERE slot_name = ?
            """;

    private final CdcOptions options;
    private final CdcMetrics metrics;
    private @Nullable Connection connection;
    private long lastNanos;

    SlotLag(CdcOptions options, CdcMetrics metrics) {
        this.options = options;
        this.metrics = metrics;
        this.lastNanos = System.nanoTime() - options.heartbeat().toNanos();
    }

    /** Measures when a heartbeat has passed since the last time. */
    synchronized void measure() {
        long now = System.nanoTime();
        if (now - lastNanos < options.heartbeat().toNanos()) {
            return;
        }
        lastNanos = now;
        try {
            Connection open = connection;
            if (open == null) {
                open = Connections.open(options);
                connection = open;
            }
            try (PreparedStatement statement = open.prepareStatement(LAG)) {
                statement.setString(1, options.slot());
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next()) {
                        metrics.slotLag(row.getLong(1));
                    }
                }
            }
        } catch (SQLException e) {
            LOG.debug("slot lag of {} was not measured", options.slot(), e);
            close();
        }
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
