package io.onevault.connectors.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of a server's log that tells something of interest.
 *
 * <p>Kinds: {@code FAILED_LOGIN}; {@code LOCK_WAIT} and {@code LOCK_ACQUIRED} (with {@code
 * log_lock_waits}); {@code DEADLOCK}; {@code LOCK_TIMEOUT}, {@code CANCELLED}, {@code TERMINATED}
 * (how a statement or session ended); {@code TEMP_FILE} (with {@code log_temp_files}); {@code
 * SLOW_STATEMENT} (with {@code log_min_duration_statement}); {@code SERVER_START}, {@code
 * SERVER_STOP}, {@code CRASH}, {@code RECOVERY}; {@code PERMISSION_DENIED}; {@code
 * OUT_OF_RESOURCES} (SQLSTATE class 53); {@code CORRUPTION}.
 *
 * <p>Attributes: of lock waits {@code mode}, {@code lock}, {@code waited_ms}, {@code waiter} and of
 * those that go on {@code holders}, {@code queue} (process ids with commas); of temporary files
 * {@code bytes}, {@code file}; of slow statements {@code duration_ms} and {@code phase} ({@code
 * parse}, {@code bind} and {@code execute} are logged each, {@code statement} is all); of a stop
 * {@code mode}; of a crash {@code signal}, {@code process}; of deadlocks {@code relation}, {@code
 * tuple}.
 *
 * @param target the configured name of the watched server
 * @param timestamp when it was logged, server's clock, milliseconds since the epoch
 * @param kind what happened
 * @param pid the process that logged it
 * @param sessionStart when that process started, milliseconds since the epoch; 0 when unknown
 * @param session the server's id of the session
 * @param line number of the line within the session; with {@code session} and {@code sessionStart}
 *     it identifies the line
 * @param user the role; empty when there is none
 * @param database empty when there is none
 * @param application as the client names itself, without control characters
 * @param client host and port, {@code [local]}, or empty
 * @param backendType e.g. {@code client backend}
 * @param sqlstate the error's code, {@code 00000} for a message that is none
 * @param severity in the server's language
 * @param message without literals of statements and control characters, in the server's language
 * @param detail the same; empty where it could tell values
 * @param statement what was run, without literals; often empty
 * @param fingerprint of the statement, see {@link SessionRow#queryFingerprint()}
 * @param queryId as the server computes it, 0 when it does not
 * @param deadlock the report of a deadlock; otherwise null
 * @param attributes figures of the message, by kind
 */
public record LogEvent(
        String target,
        long timestamp,
        String kind,
        int pid,
        long sessionStart,
        String session,
        long line,
        String user,
        String database,
        String application,
        String client,
        String backendType,
        String sqlstate,
        String severity,
        String message,
        String detail,
        String statement,
        String fingerprint,
        long queryId,
        @Nullable DeadlockReport deadlock,
        Map<String, String> attributes) {}
