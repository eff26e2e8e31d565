package io.onevault.jobs.locks.incident;

/**
 * The root of a {@link BlockingIncident}: it waits for nobody, and all others wait for it. Times
 * are the watched server's clock in microseconds since the epoch, 0 when unknown.
 *
 * @param pid the process; 0 for a prepared transaction
 * @param gid name of the prepared transaction; empty for a process
 * @param backendStartMicros when it started, of a prepared transaction when it was prepared
 * @param backendType e.g. {@code client backend}, {@code autovacuum worker}
 * @param state e.g. {@code active}, {@code idle in transaction}, {@code prepared}; empty when
 *     hidden
 * @param stateChangeMicros since when
 * @param xactStartMicros when its transaction began
 * @param user its role, empty when unknown
 * @param superuser whether the role is one
 * @param application as the client names itself
 * @param client its address
 * @param database where
 * @param query its present or last statement without literals
 * @param fingerprint of the statement
 * @param visible whether the server shows everything of it; if not, nothing may be decided on it
 */
public record Blocker(
        int pid,
        String gid,
        long backendStartMicros,
        String backendType,
        String state,
        long stateChangeMicros,
        long xactStartMicros,
        String user,
        boolean superuser,
        String application,
        String client,
        String database,
        String query,
        String fingerprint,
        boolean visible) {

    /** Whether it keeps its locks while its client does nothing, also after an error. */
    public boolean idleInTransaction() {
        return state.startsWith("idle in transaction");
    }
}
