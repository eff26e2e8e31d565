package io.onevault.connectors.polling;

/**
 * When a poll is due: at a fixed rate, on a phase of its own.
 *
 * <p>Slots lie on a grid that depends only on seed, target, poll and interval, so that a restarted
 * job goes on with the same slots, and targets do not run in step. Pure arithmetic on milliseconds.
 *
 * @param interval between two slots
 * @param phase of the grid, 0 to interval
 */
record PollSchedule(long interval, long phase) {

    static PollSchedule of(long seed, String target, String poll, long intervalMillis) {
        return new PollSchedule(
                intervalMillis,
                Math.floorMod(mix(seed * 31 + target.hashCode(), poll.hashCode()), intervalMillis));
    }

    /** The first slot after {@code time}. */
    long after(long time) {
        return time + interval - Math.floorMod(time - phase, interval);
    }

    /**
     * The slot to run next when the run of {@code slot} ended at {@code now}: the following one, or
     * if that is over by more than an interval, the last that is not; those between are skipped.
     */
    long next(long slot, long now) {
        long following = after(slot);
        return now - following < interval
                ? following
                : following + (now - following) / interval * interval;
    }

    /**
     * The first slot to run.
     *
     * @param accountedUntil as in {@link PollSplit.Progress}
     * @param spread over which polls that are due at once are spread
     */
    long first(long accountedUntil, long now, long spread) {
        if (accountedUntil > now) {
            return after(now);
        }
        return now + Math.floorMod(mix(phase, interval), Math.max(1, Math.min(interval, spread)));
    }

    /** Finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mix(long a, long b) {
        long z = a * 0x9E3779B97F4A7C15L + b;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
