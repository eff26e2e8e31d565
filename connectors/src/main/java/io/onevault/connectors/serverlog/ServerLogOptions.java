package io.onevault.connectors.serverlog;

import io.onevault.connectors.target.SessionLimits;
import java.io.Serializable;
import java.time.Duration;

/**
 * How servers' logs are read.
 *
 * @param pollInterval between two looks for something new; 100 ms to 1 min
 * @param chunkBytes how much is read at once; 4 KiB to 16 MiB
 * @param maxRecordBytes longer records are skipped and reported as a gap
 * @param fromBeginning whether a first start reads the server's present file from its beginning;
 *     otherwise it begins with what is logged from then on
 * @param slowStatement shorter statements are not reported, even if the server logs them
 * @param limits of the session
 * @param backoffBase wait before the second attempt after a failure
 * @param backoffCap longest wait between two attempts
 * @param closeTimeout how long closing waits for reads under way
 * @param seed of jitter
 */
public record ServerLogOptions(
        Duration pollInterval,
        int chunkBytes,
        int maxRecordBytes,
        boolean fromBeginning,
        Duration slowStatement,
        SessionLimits limits,
        Duration backoffBase,
        Duration backoffCap,
        Duration closeTimeout,
        long seed)
        implements Serializable {

    private static final Duration SHORTEST_POLL = Duration.ofMillis(100);
    private static final Duration LONGEST_POLL = Duration.ofMinutes(1);
    private static final int SMALLEST_CHUNK = 4 << 10;
    private static final int LARGEST_CHUNK = 16 << 20;

    /** Suits servers in the same region. It comes last, for making it takes the bounds above. */
    public static final ServerLogOptions DEFAULT = builder().build();

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException one sentence with the remedy
     */
    public ServerLogOptions {
        if (pollInterval.compareTo(SHORTEST_POLL) < 0 || pollInterval.compareTo(LONGEST_POLL) > 0) {
            throw new IllegalArgumentException(
                    "poll interval of the server log: %d ms; choose 100 ms to 1 min"
                            .formatted(pollInterval.toMillis()));
        }
        if (chunkBytes < SMALLEST_CHUNK || chunkBytes > LARGEST_CHUNK) {
            throw new IllegalArgumentException(
                    "chunk of the server log: %d bytes; choose 4 KiB to 16 MiB"
                            .formatted(chunkBytes));
        }
        if (maxRecordBytes < SMALLEST_CHUNK) {
            throw new IllegalArgumentException(
                    "longest record of the server log: %d bytes; choose at least 4 KiB"
                            .formatted(maxRecordBytes));
        }
    }

    /** Starts with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects what differs from the defaults. */
    public static final class Builder {
        private Duration pollInterval = Duration.ofSeconds(1);
        private int chunkBytes = 256 << 10;
        private int maxRecordBytes = 4 << 20;
        private boolean fromBeginning;
        private Duration slowStatement = Duration.ZERO;
        private SessionLimits limits =
                new SessionLimits(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10),
                        Duration.ofMillis(250),
                        Duration.ofSeconds(5));
        private Duration backoffBase = Duration.ofSeconds(1);
        private Duration backoffCap = Duration.ofSeconds(30);
        private Duration closeTimeout = Duration.ofSeconds(5);
        private long seed = 20_240_229L;

        private Builder() {}

        /** Default: 1 s. */
        public Builder pollInterval(Duration value) {
            this.pollInterval = value;
            return this;
        }

        /** Default: 256 KiB. */
        public Builder chunkBytes(int value) {
            this.chunkBytes = value;
            return this;
        }

        /** Default: 4 MiB. */
        public Builder maxRecordBytes(int value) {
            this.maxRecordBytes = value;
            return this;
        }

        /** Default: false. */
        public Builder fromBeginning(boolean value) {
            this.fromBeginning = value;
            return this;
        }

        /** Default: whatever the server logs. */
        public Builder slowStatement(Duration value) {
            this.slowStatement = value;
            return this;
        }

        /** Default: 5 s to connect, 10 s for a statement, 5 s of grace. */
        public Builder limits(SessionLimits value) {
            this.limits = value;
            return this;
        }

        /** Default: 1 s, doubling to 30 s. */
        public Builder backoff(Duration base, Duration cap) {
            this.backoffBase = base;
            this.backoffCap = cap;
            return this;
        }

        /** Default: 5 s. */
        public Builder closeTimeout(Duration value) {
            this.closeTimeout = value;
            return this;
        }

        /** Default: a fixed one. */
        public Builder seed(long value) {
            this.seed = value;
            return this;
        }

        public ServerLogOptions build() {
            return new ServerLogOptions(
                    pollInterval,
                    chunkBytes,
                    maxRecordBytes,
                    fromBeginning,
                    slowStatement,
                    limits,
                    backoffBase,
                    backoffCap,
                    closeTimeout,
                    seed);
        }
    }
}
