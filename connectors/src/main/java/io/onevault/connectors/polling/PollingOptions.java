package io.onevault.connectors.polling;

import java.io.Serializable;
import java.time.Duration;

/**
 * Bounds on what polling may cost the watched servers.
 *
 * @param connectTimeout for the TCP connection
 * @param statementTimeout of frequent polls, on the server
 * @param slowStatementTimeout of polls that run less often than every {@link #SLOW_INTERVAL}
 * @param lockTimeout how long a statement may wait for a lock
 * @param networkGrace how much longer than the statement timeout the client waits for an answer
 *     before it takes the connection for dead
 * @param backoffBase wait before the second attempt to connect
 * @param backoffCap longest wait between two attempts to connect
 * @param blockedRetry how often a poll is tried that lacks a privilege or an extension
 * @param gapInterval how often a poll of a target that is down writes its gap
 * @param startSpread over which first runs are spread
 * @param closeTimeout how long closing waits for running polls
 * @param seed of phases and jitter
 */
public record PollingOptions(
        Duration connectTimeout,
        Duration statementTimeout,
        Duration slowStatementTimeout,
        Duration lockTimeout,
        Duration networkGrace,
        Duration backoffBase,
        Duration backoffCap,
        Duration blockedRetry,
        Duration gapInterval,
        Duration startSpread,
        Duration closeTimeout,
        long seed)
        implements Serializable {

    /** Polls that run less often share the slow lane of their target. */
    public static final Duration SLOW_INTERVAL = Duration.ofSeconds(30);

    /** Suits servers in the same region. */
    public static final PollingOptions DEFAULT =
            new PollingOptions(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30),
                    Duration.ofMillis(100),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(5),
                    20_240_229L);

    /** The same with other waits between attempts to connect. */
    public PollingOptions withBackoff(Duration base, Duration cap) {
        return new PollingOptions(
                connectTimeout,
                statementTimeout,
                slowStatementTimeout,
                lockTimeout,
                networkGrace,
                base,
                cap,
                blockedRetry,
                gapInterval,
                startSpread,
                closeTimeout,
                seed);
    }

    /** The same with other limits on statements. */
    public PollingOptions withStatementTimeouts(Duration frequent, Duration slow, Duration grace) {
        return new PollingOptions(
                connectTimeout,
                frequent,
                slow,
                lockTimeout,
                grace,
                backoffBase,
                backoffCap,
                blockedRetry,
                gapInterval,
                startSpread,
                closeTimeout,
                seed);
    }

    /** The same with another wait before a poll that lacks something is tried again. */
    public PollingOptions withBlockedRetry(Duration retry) {
        return new PollingOptions(
                connectTimeout,
                statementTimeout,
                slowStatementTimeout,
                lockTimeout,
                networkGrace,
                backoffBase,
                backoffCap,
                retry,
                gapInterval,
                startSpread,
                closeTimeout,
                seed);
    }
}
