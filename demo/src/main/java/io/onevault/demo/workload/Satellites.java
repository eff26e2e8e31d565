package io.onevault.demo.workload;

import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * How every client changes a satellite: the hub row is locked first, so that of two clients the
 * second waits and then sees the first one's version as the open one; without that lock both would
 * leave an open row. The new version begins at the instant the old one ended.
 */
final class Satellites {

    private Satellites() {}

    /** Ends the open version of {@code key}; returns when, or null when there was none. */
    static @Nullable OffsetDateTime close(
            Session session, String schema, String thing, String satellite, byte[] key)
            throws SQLException {
        session.execute(
                "SELECT load_date FROM %1$s.%2$s_h WHERE %2$s_hk = ? FOR NO KEY UPDATE"
                        .formatted(schema, thing),
                key);
        return session.value(
                OffsetDateTime.class,
                "UPDATE %s.%s SET load_end_date = clock_timestamp() WHERE %s_hk = ? AND load_end_date IS NULL RETURNING load_end_date"
                        .formatted(schema, satellite, thing),
                key);
    }
}
