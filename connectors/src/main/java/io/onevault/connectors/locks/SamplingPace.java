package io.onevault.connectors.locks;

/**
 * Decides when to ask whether somebody waits and when to read the whole lock table. Knows no clock
 * but the nanoseconds it is told; not thread-safe.
 *
 * <p>While somebody's wait lasts, snapshots follow each other by the probe interval, but take no
 * more than their share of the time: one that took {@code d} is followed by the next {@code d /
 * share} after its beginning, at the latest after the slowest interval. Should {@code d} exceed
 * half of that, the next begins {@code 2 d} after it, so that a server that is hardly able to
 * answer is left alone half of the time.
 *
 * <p>Waits that come and go within a probe interval, as on any busy server, are shown by a snapshot
 * at once when the last one is long enough ago, {@value #BRIEF_INTERVALS} probe intervals, and
 * probes tell meanwhile when one of them lasts. The snapshot that shows nobody waiting any more is
 * the last.
 *
 * <p>While nobody waits but a dangerous lock is held, snapshots come at the danger interval, and
 * one more after the lock is gone.
 */
final class SamplingPace {

    /** Reading the lock table to find waiters, for lack of privilege, costs more. */
    private static final long UNPRIVILEGED_PROBE_NANOS = 500_000_000L;

    private static final int BRIEF_INTERVALS = 5;

    private final long probeNanos;
    private final double share;
    private final long slowestNanos;
    private final long dangerNanos;
    private long probeDue;
    private long snapshotDue;
    private long briefSnapshotDue;
    private long dangerCheckDue;
    private long dangerSnapshotDue;
    private boolean blocked;
    private boolean lasting;
    private boolean waitShown;
    private boolean lockHeld;
    private boolean dangerous;
    private boolean dangerShown;

    SamplingPace(LockSamplerOptions options, long now) {
        this.probeNanos = options.probeInterval().toNanos();
        this.share = options.snapshotShare();
        this.slowestNanos = options.slowestSnapshots().toNanos();
        this.dangerNanos = options.dangerInterval().toNanos();
        restart(now);
    }

    /** Forgets what was seen, for a new session; probes at once. */
    void restart(long now) {
        probeDue = now;
        snapshotDue = now;
        briefSnapshotDue = now;
        dangerCheckDue = now;
        dangerSnapshotDue = now;
        blocked = false;
        lasting = false;
        waitShown = false;
        lockHeld = false;
        dangerous = false;
        dangerShown = false;
    }

    /** Whether the next look is a snapshot; otherwise it is a probe. */
    boolean snapshotNext() {
        return isUrgent()
                || isBrief() && briefSnapshotDue - probeDue <= 0
                || dangerous && dangerNext() - probeDue <= 0;
    }

    /** When the next look is due. */
    long due() {
        if (isUrgent()) {
            return snapshotDue;
        }
        if (!snapshotNext()) {
            return probeDue;
        }
        if (!isBrief()) {
            return dangerNext();
        }
        return dangerous ? earlier(briefSnapshotDue, dangerNext()) : briefSnapshotDue;
    }

    /** Whether the last snapshot showed somebody waiting, so that another one follows. */
    boolean owesSnapshot() {
        return waitShown;
    }

    private boolean isUrgent() {
        return lasting || dangerEnded();
    }

    private boolean isBrief() {
        return blocked || waitShown;
    }

    private boolean dangerEnded() {
        return dangerShown && !dangerous;
    }

    private long dangerNext() {
        return later(dangerSnapshotDue, snapshotDue);
    }

    /** Whether a probe at {@code now} is to ask the lock table for dangerous locks as well. */
    boolean dangerCheckDue(long now) {
        return now - dangerCheckDue >= 0;
    }

    /** Takes in a probe that began and ended at these times. */
    void probed(long started, long ended, LockProbe probe) {
        long interval = probe.privileged() ? probeNanos : unprivilegedNanos();
        probeDue = started + Math.max(interval, 2 * (ended - started));
        blocked = probe.waiters() > 0;
        lasting = probe.lasting() > 0;
        if (probe.lockTable() != LockProbe.LockTable.NOT_ASKED) {
            dangerCheckDue = started + dangerNanos;
            lockHeld = probe.lockTable() == LockProbe.LockTable.DANGEROUS;
        }
        dangerous = lockHeld || probe.idleHolders() > 0;
    }

    private long unprivilegedNanos() {
        return Math.max(probeNanos, UNPRIVILEGED_PROBE_NANOS);
    }

    /**
     * Takes in a snapshot that began and ended at these times.
     *
     * @param waiting whether somebody waits
     * @param lasts whether somebody has waited for half a probe interval or longer
     */
    void snapshotted(long started, long ended, boolean waiting, boolean lasts) {
        long took = ended - started;
        long fair = Math.min((long) (took / share), slowestNanos);
        snapshotDue = started + Math.max(Math.max(probeNanos, fair), 2 * took);
        briefSnapshotDue =
                later(snapshotDue, started + Math.min(BRIEF_INTERVALS * probeNanos, slowestNanos));
        dangerSnapshotDue = started + dangerNanos;
        probeDue = later(started + probeNanos, ended);
        blocked = waiting;
        lasting = lasts;
        waitShown = waiting;
        dangerShown = dangerous;
    }

    /** Nanoseconds have no origin; only their differences mean something. */
    private static long later(long a, long b) {
        return a - b >= 0 ? a : b;
    }

    private static long earlier(long a, long b) {
        return a - b <= 0 ? a : b;
    }
}
