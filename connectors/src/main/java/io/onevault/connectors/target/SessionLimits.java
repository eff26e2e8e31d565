package io.onevault.connectors.target;

import java.io.Serializable;
import java.time.Duration;

/**
 * Bounds on a session with a watched server.
 *
 * @param connect for the TCP connection
 * @param statement of every statement, on the server
 * @param lock how long a statement may wait for a lock
 * @param networkGrace how much longer than the statement's bound the client waits for an answer
 *     before it takes the connection for dead
 */
public record SessionLimits(
        Duration connect, Duration statement, Duration lock, Duration networkGrace)
        implements Serializable {

    /** How long the client waits for an answer. */
    public Duration answer() {
        return statement.plus(networkGrace);
    }
}
