package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.BOOLEAN;
import static io.onevault.connectors.vault.VaultTable.ColumnType.BYTES;
import static io.onevault.connectors.vault.VaultTable.ColumnType.DOUBLE;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER_ARRAY;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP_MICROS;

import io.onevault.connectors.vault.VaultLink;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultRowMapper;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.locks.incident.LockWait;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Waits in {@code lock_monitoring.lock_activity_s}: the hub is the wait, linked to its incident.
 */
public final class LockWaitRows implements VaultRowMapper<LockWait> {

    private static final long serialVersionUID = 1L;
    private static final String TO_INCIDENT = "lock_blocking_l";

    public static final VaultTable TABLE =
            new VaultTable(
                            "lock_monitoring",
                            "lock_activity_h",
                            "lock_activity_s",
                            "lock_activity",
                            List.of(
                                    new Column("lock_type", TEXT),
                                    new Column("lock_mode", TEXT),
                                    new Column("relation_name", TEXT),
                                    new Column("blocking_pid", INTEGER),
                                    new Column("blocked_pid", INTEGER),
                                    new Column("lock_duration_seconds", DOUBLE),
                                    new Column("query_text", TEXT),
                                    new Column("wait_event_type", TEXT),
                                    new Column("wait_event", TEXT),
                                    new Column("lock_granted", BOOLEAN),
                                    new Column("deadlock_detected", BOOLEAN),
                                    new Column("resolution_action", TEXT),
                                    new Column("lock_acquired_time", TIMESTAMP_MICROS),
                                    new Column("lock_impact_score", DOUBLE),
                                    new Column("target_name", TEXT),
                                    new Column("database_name", TEXT),
                                    new Column("wait_start", TIMESTAMP_MICROS),
                                    new Column("wait_end", TIMESTAMP_MICROS),
                                    new Column("backend_start", TIMESTAMP_MICROS),
                                    new Column("blocking_pids", INTEGER_ARRAY),
                                    new Column("query_fingerprint", TEXT),
                                    new Column("application_name", TEXT),
                                    new Column("user_name", TEXT),
                                    new Column("username_hash", BYTES),
                                    new Column("maintenance_kind", TEXT),
                                    new Column("is_closed", BOOLEAN),
                                    new Column("observed_at", TIMESTAMP_MICROS)),
                            List.of("is_closed", "observed_at"),
                            LockValues.RECORD_SOURCE)
                    .whichLinksName()
                    .withLinks(
                            new VaultLink(
                                    TO_INCIDENT,
                                    "lock_blocking",
                                    "blocking_session_h",
                                    "blocking_session",
                                    false));

    private final Pseudonyms names;

    public LockWaitRows(Pseudonyms names) {
        this.names = names;
    }

    @Override
    public VaultRow map(LockWait wait) {
        boolean closed = wait.waitEndMicros() != 0;
        long until = closed ? wait.waitEndMicros() : wait.observedAtMicros();
        boolean granted = "COMPLETED".equals(wait.resolution());
        return new VaultRow(
                wait.key(),
                wait.tenant(),
                LockValues.loadDate(wait.observedAtMicros()),
                Arrays.<@Nullable Object>asList(
                        wait.lockType(),
                        wait.lockMode(),
                        LockValues.text(wait.relation()),
                        wait.blockingPids().isEmpty() ? null : wait.blockingPids().get(0),
                        wait.pid(),
                        LockValues.seconds(until - wait.waitStartMicros()),
                        LockValues.text(wait.query()),
                        // The server's wait events of locks bear the names of what is locked.
                        "Lock",
                        wait.lockType(),
                        granted,
                        wait.deadlock(),
                        LockValues.text(wait.resolution()),
                        granted ? LockValues.moment(wait.waitEndMicros()) : null,
                        wait.impactScore(),
                        wait.target(),
                        LockValues.text(wait.database()),
                        wait.waitStartMicros(),
                        LockValues.moment(wait.waitEndMicros()),
                        LockValues.moment(wait.backendStartMicros()),
                        LockValues.integers(wait.blockingPids()),
                        LockValues.text(wait.fingerprint()),
                        LockValues.text(wait.application()),
                        names.clear(wait.user()),
                        names.hash(wait.user()),
                        LockValues.text(wait.maintenanceKind()),
                        closed,
                        wait.observedAtMicros()),
                wait.incident().isEmpty()
                        ? List.of()
                        : List.of(new VaultRow.Link(TO_INCIDENT, wait.incident())));
    }
}
