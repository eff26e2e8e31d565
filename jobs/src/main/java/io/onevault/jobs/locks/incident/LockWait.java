package io.onevault.jobs.locks.incident;

import java.util.List;

/**
 * One wait of one backend for one lock, from its beginning to its end. Times are the watched
 * server's clock in microseconds since the epoch.
 *
 * @param key {@code target/pid/backendStart/waitStart}; the hub's business key
 * @param target the configured name of the watched server
 * @param tenant business key of the one tenant it concerns, empty for none or several
 * @param database where, empty when unknown
 * @param pid who waits
 * @param backendStartMicros when that process started; 0 when unknown
 * @param user the role that waits, empty when unknown
 * @param application as the client names itself
 * @param lockType what is locked: {@code relation}, {@code transactionid}, {@code tuple}…
 * @param lockMode awaited, e.g. {@code ExclusiveLock}
 * @param relation schema and name of the table concerned, empty when unknown
 * @param blockingPids the processes right before it, those who hold the lock first, at most 100; 0
 *     for a prepared transaction
 * @param waitStartMicros when the wait began
 * @param waitEndMicros when it ended, 0 while it lasts
 * @param observedAtMicros when this was seen; the row's load date
 * @param query the waiting statement without literals
 * @param fingerprint of the statement
 * @param deadlock whether it is, or was, part of a deadlock
 * @param resolution how it ended: {@code COMPLETED}, {@code CANCELLED}, {@code TIMEOUT}, {@code
 *     DEADLOCK}, {@code TERMINATED}; empty while it lasts, and when nobody knows: {@code
 *     TERMINATED} is known from the server's log only
 * @param impactScore 0 to 100
 * @param maintenanceKind known maintenance, e.g. {@code pg_dump}; empty otherwise
 * @param incident key of the {@link BlockingIncident} it belongs to; empty for none
 */
public record LockWait(
        String key,
        String target,
        String tenant,
        String database,
        int pid,
        long backendStartMicros,
        String user,
        String application,
        String lockType,
        String lockMode,
        String relation,
        List<Integer> blockingPids,
        long waitStartMicros,
        long waitEndMicros,
        long observedAtMicros,
        String query,
        String fingerprint,
        boolean deadlock,
        String resolution,
        double impactScore,
        String maintenanceKind,
        String incident) {}
