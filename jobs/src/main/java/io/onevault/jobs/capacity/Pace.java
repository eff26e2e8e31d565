package io.onevault.jobs.capacity;

/**
 * Lets a task do much work without keeping its thread from everything else: at most {@value
 * #STRETCH} ms at a stretch and four fifths of the time, so that what else comes in, barriers of
 * checkpoints above all, goes its way in between.
 *
 * <p>Work is a debt that idle time pays back four times as fast (a token bucket). What cannot be
 * done at once gets a time at which it is likely to be free, together with as much other work as a
 * stretch holds, for waking up for each piece alone is slow where processors are short; whoever
 * finds it busy all the same asks again. Times are in milliseconds, from the caller. Belongs to one
 * thread, and is no state: after a restart nothing has been done yet.
 */
final class Pace {

    /** Work in a row before something else is let through. */
    static final int STRETCH = 200;

    /** Idle time is worth so much work: four fifths of the time are work. */
    private static final double PAYS = 4;

    /** From the beginning of a stretch to that of the next. */
    static final long BEAT = (long) (STRETCH * (1 + 1 / PAYS));

    /** How much a piece of work counts for what work usually takes. */
    private static final double WEIGHT = 1.0 / 16;

    private double debt;
    private long asOf = Long.MIN_VALUE;
    private double usual = 1;
    private double latest = Double.NEGATIVE_INFINITY;

    /** Whether a piece of work can be done now. */
    boolean free(long now) {
        noticeStep(now);
        return debt(now) < STRETCH;
    }

    /** Counts a piece of work; one takes a millisecond at least. */
    void worked(long from, long until) {
        noticeStep(from);
        double took = Math.max(1, until - from);
        debt = debt(from) + took;
        asOf = until;
        usual += WEIGHT * (took - usual);
    }

    /** When something that cannot be done now is to be tried again. */
    long later(long now) {
        noticeStep(now);
        latest = Math.max(latest + usual * (1 + 1 / PAYS), now + debt(now) / PAYS);
        return (long) Math.ceil(latest / BEAT) * BEAT;
    }

    /** A clock that was set back tells nothing of how long it was idle; all begins anew. */
    private void noticeStep(long now) {
        if (now < asOf) {
            debt = 0;
            asOf = now;
            latest = Double.NEGATIVE_INFINITY;
        }
    }

    private double debt(long now) {
        return asOf == Long.MIN_VALUE ? 0 : Math.max(0, debt - PAYS * (now - asOf));
    }
}
