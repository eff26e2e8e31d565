package io.onevault.connectors.locks;

import io.onevault.connectors.target.SessionLimits;
import java.io.Serializable;
import java.time.Duration;

/**
 * How often locks are looked at, and what that may cost the watched servers.
 *
 * @param probeInterval between two questions whether somebody waits; 20 ms to 10 s
 * @param heartbeat longest silence of a target where nobody waits
 * @param snapshotShare largest part of the time that goes into snapshots, unless that would make
 *     them rarer than {@code slowestSnapshots}; more than 0, at most 0.5
 * @param slowestSnapshots longest time between the beginnings of two snapshots while somebody's
 *     wait lasts. A snapshot that takes longer than half of it is followed by as long a pause.
 * @param dangerInterval how often the lock table is asked for locks that would block writers, and
 *     how often a snapshot shows them while nobody waits
 * @param idleHolderAge how long a session that has written may idle in its transaction before its
 *     locks count as dangerous
 * @param counterInterval how often the server's counters of deadlocks are read; before PostgreSQL
 *     15 that costs it some milliseconds
 * @param limits of the session
 * @param backoffBase wait before the second attempt to connect
 * @param backoffCap longest wait between two attempts to connect
 * @param closeTimeout how long closing waits for looks under way
 * @param seed of jitter
 */
public record LockSamplerOptions(
        Duration probeInterval,
        Duration heartbeat,
        double snapshotShare,
        Duration slowestSnapshots,
        Duration dangerInterval,
        Duration idleHolderAge,
        Duration counterInterval,
        SessionLimits limits,
        Duration backoffBase,
        Duration backoffCap,
        Duration closeTimeout,
        long seed)
        implements Serializable {

    /** Least {@link #probeInterval}. */
    public static final Duration FASTEST_PROBE = Duration.ofMillis(20);

    /** Greatest {@link #probeInterval}. */
    public static final Duration SLOWEST_PROBE = Duration.ofSeconds(10);

    private static final double LARGEST_SHARE = 0.5;

    /** Suits servers in the same region. It comes last, for making it takes the bounds above. */
    public static final LockSamplerOptions DEFAULT = builder().build();

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException one sentence with the remedy
     */
    public LockSamplerOptions {
        if (probeInterval.compareTo(FASTEST_PROBE) < 0
                || probeInterval.compareTo(SLOWEST_PROBE) > 0) {
            throw new IllegalArgumentException(
                    "probe interval of locks: %d ms; choose 20 ms to 10 s"
                            .formatted(probeInterval.toMillis()));
        }
        if (!(snapshotShare > 0 && snapshotShare <= LARGEST_SHARE)) {
            throw new IllegalArgumentException(
                    "share of time for lock snapshots: %s; choose more than 0 and at most %s"
                            .formatted(snapshotShare, LARGEST_SHARE));
        }
        requirePositive("heartbeat", heartbeat);
        requirePositive("slowest snapshots", slowestSnapshots);
        requirePositive("danger interval", dangerInterval);
        requirePositive("counter interval", counterInterval);
        requirePositive("backoff base", backoffBase);
        requirePositive("backoff cap", backoffCap);
    }

    /** The age from which a wait counts as lasting: half of {@link #probeInterval}. */
    Duration lastingAge() {
        return probeInterval.dividedBy(2);
    }

    private static void requirePositive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    "%s of the lock sampler: must be positive".formatted(what));
        }
    }

    /** Starts with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects what differs from the defaults. */
    public static final class Builder {
        private Duration probeInterval = Duration.ofMillis(100);
        private Duration heartbeat = Duration.ofSeconds(1);
        private double snapshotShare = 0.25;
        private Duration slowestSnapshots = Duration.ofSeconds(1);
        private Duration dangerInterval = Duration.ofSeconds(2);
        private Duration idleHolderAge = Duration.ofSeconds(10);
        private Duration counterInterval = Duration.ofSeconds(10);
        private SessionLimits limits =
                new SessionLimits(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofMillis(250),
                        Duration.ofSeconds(2));
        private Duration backoffBase = Duration.ofMillis(500);
        private Duration backoffCap = Duration.ofSeconds(15);
        private Duration closeTimeout = Duration.ofSeconds(5);
        private long seed = 20_240_229L;

        private Builder() {}

        /** Default: 100 ms. */
        public Builder probeInterval(Duration value) {
            this.probeInterval = value;
            return this;
        }

        /** Default: 1 s. */
        public Builder heartbeat(Duration value) {
            this.heartbeat = value;
            return this;
        }

        /** Default: 0.25. */
        public Builder snapshotShare(double value) {
            this.snapshotShare = value;
            return this;
        }

        /** Default: 1 s. */
        public Builder slowestSnapshots(Duration value) {
            this.slowestSnapshots = value;
            return this;
        }

        /** Default: 2 s. */
        public Builder dangerInterval(Duration value) {
            this.dangerInterval = value;
            return this;
        }

        /** Default: 10 s. */
        public Builder idleHolderAge(Duration value) {
            this.idleHolderAge = value;
            return this;
        }

        /** Default: 10 s. */
        public Builder counterInterval(Duration value) {
            this.counterInterval = value;
            return this;
        }

        /** Default: 5 s to connect and for a statement, 250 ms for a lock, 2 s of grace. */
        public Builder limits(SessionLimits value) {
            this.limits = value;
            return this;
        }

        /** Default: 500 ms, doubling to 15 s. */
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

        public LockSamplerOptions build() {
            return new LockSamplerOptions(
                    probeInterval,
                    heartbeat,
                    snapshotShare,
                    slowestSnapshots,
                    dangerInterval,
                    idleHolderAge,
                    counterInterval,
                    limits,
                    backoffBase,
                    backoffCap,
                    closeTimeout,
                    seed);
        }
    }
}
