package io.onevault.connectors.model;

/**
 * One server process: a row of {@code pg_stat_activity}. Process ids are reused; ({@code pid},
 * {@code backendStartMicros}) identifies a session.
 *
 * <p>Without the role {@code pg_read_all_stats} the server shows of other users' sessions only pid,
 * type, database, user and application; {@code visible} is then false and the rest 0 or empty.
 * Times are the server's clock in microseconds since the epoch, 0 when there is none.
 *
 * @param pid the process
 * @param backendStartMicros when it started
 * @param backendType e.g. {@code client backend}, {@code parallel worker}
 * @param leaderPid for a parallel worker the process it works for; otherwise 0
 * @param database its name, empty for processes that have none
 * @param user the role's name, empty for processes that have none
 * @param superuser whether the role is one
 * @param application as the client names itself, without control characters
 * @param client address, {@code local} for a Unix socket, empty for background processes
 * @param state e.g. {@code active}, {@code idle in transaction}
 * @param xactStartMicros when its transaction began
 * @param queryStartMicros when its present or last statement began
 * @param stateChangeMicros when {@code state} last changed
 * @param waitEventType e.g. {@code Lock}, {@code Client}; empty when it waits for nothing
 * @param waitEvent what exactly
 * @param backendXid its transaction, 32 bits; 0 when it has written nothing
 * @param query its present or last statement without literals
 * @param queryFingerprint equal for statements that differ in literals, white space, comments and
 *     letter case only; empty without a statement
 * @param queryId as the server computes it, 0 when it does not
 * @param visible whether the server shows everything of this session
 */
public record SessionRow(
        int pid,
        long backendStartMicros,
        String backendType,
        int leaderPid,
        String database,
        String user,
        boolean superuser,
        String application,
        String client,
        String state,
        long xactStartMicros,
        long queryStartMicros,
        long stateChangeMicros,
        String waitEventType,
        String waitEvent,
        long backendXid,
        String query,
        String queryFingerprint,
        long queryId,
        boolean visible) {}
