package io.onevault.connectors.cdc.split;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Tells the transactions that a snapshot saw from those it did not, by PostgreSQL's own rule.
 *
 * <p>The stream begins where the slot stands, which is before the snapshot; what the snapshot saw
 * must not be delivered again. A comparison of LSNs cannot tell: a transaction writes its commit to
 * the log before it becomes visible.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-info.html">pg_snapshot</a>
 */
public final class SnapshotCut {

    private static final long HALF = 1L << 31;
    private static final long WHOLE = 1L << 32;

    private final String snapshot;
    private final long untilLsn;
    private final long xmin;
    private final long xmax;
    private final long[] inProgress;

    /**
     * @param snapshot the text of a {@code pg_snapshot}, {@code xmin:xmax:xip,…}
     * @param untilLsn where the log ended after the snapshot was taken: what commits later was not
     *     seen
     * @throws IllegalArgumentException when {@code snapshot} is none
     */
    public SnapshotCut(String snapshot, long untilLsn) {
        this.snapshot = snapshot;
        this.untilLsn = untilLsn;
        String[] parts = snapshot.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not a snapshot: " + snapshot);
        }
        this.xmin = Long.parseLong(parts[0]);
        this.xmax = Long.parseLong(parts[1]);
        this.inProgress =
                parts[2].isEmpty()
                        ? new long[0]
                        : Arrays.stream(parts[2].split(","))
                                .mapToLong(Long::parseLong)
                                .sorted()
                                .toArray();
    }

    /** Whether the snapshot saw the transaction of this 32-bit id. Logarithmic. */
    public boolean saw(long transactionId) {
        long full = (xmax & -WHOLE) | transactionId;
        if (full - xmax > HALF) {
            full -= WHOLE;
        } else if (xmax - full > HALF) {
            full += WHOLE;
        }
        return full < xmin || (full < xmax && Arrays.binarySearch(inProgress, full) < 0);
    }

    public String snapshot() {
        return snapshot;
    }

    public long untilLsn() {
        return untilLsn;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SnapshotCut that
                && snapshot.equals(that.snapshot)
                && untilLsn == that.untilLsn;
    }

    @Override
    public int hashCode() {
        return snapshot.hashCode() + Long.hashCode(untilLsn);
    }

    @Override
    public String toString() {
        return "%d:%d:%s until %d"
                .formatted(
                        xmin,
                        xmax,
                        LongStream.of(inProgress)
                                .mapToObj(Long::toString)
                                .collect(Collectors.joining(",")),
                        untilLsn);
    }
}
