package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.DeadlockCount;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Sets the deadlocks that are known off against those that the server has counted in a database,
 * whichever comes first. Times are the server's clock in microseconds since the epoch.
 *
 * @param database its name
 * @param count last read; -1 before the first time
 * @param sinceMicros since when it counts
 * @param baselineMicros when it was first read, or began anew
 * @param credits deadlocks that are known and were not yet counted, by their time
 * @param surplus deadlocks that were counted and are not known, oldest first
 */
public record CounterLedger(
        String database,
        long count,
        long sinceMicros,
        long baselineMicros,
        List<Long> credits,
        List<Surplus> surplus) {

    private static final long HOUR = TimeUnit.HOURS.toMicros(1);
    private static final long MINUTE = TimeUnit.MINUTES.toMicros(1);
    private static final int MOST_CREDITS = 4_000;

    /**
     * What was counted at one reading and is not known.
     *
     * @param atMicros of the reading
     * @param count how many
     */
    public record Surplus(long atMicros, long count) {}

    static CounterLedger unread(String database) {
        return new CounterLedger(database, -1, 0, 0, List.of(), List.of());
    }

    /** Takes in a reading. The first one is only where counting begins. */
    CounterLedger read(DeadlockCount now, long at) {
        if (count < 0) {
            return new CounterLedger(
                    database, now.count(), now.sinceMicros(), at, credits, surplus);
        }
        boolean anew = now.sinceMicros() != sinceMicros || now.count() < count;
        List<Long> open = live(at);
        long more = anew ? now.count() : now.count() - count;
        int settled = (int) Math.min(more, open.size());
        List<Surplus> unknown = new ArrayList<>(surplus);
        if (more > settled) {
            unknown.add(new Surplus(at, more - settled));
        }
        return new CounterLedger(
                database,
                now.count(),
                now.sinceMicros(),
                anew ? at : baselineMicros,
                List.copyOf(open.subList(settled, open.size())),
                List.copyOf(unknown));
    }

    /**
     * Those that may still be counted; of what was before the baseline nobody knows, for a while.
     */
    private List<Long> live(long now) {
        return credits.stream()
                .filter(
                        at ->
                                at > baselineMicros
                                        ? at > now - HOUR
                                        : now <= baselineMicros + MINUTE)
                .sorted()
                .toList();
    }

    /** Whether nothing is to be set off. */
    boolean isEven() {
        return credits.isEmpty() && surplus.isEmpty();
    }

    /** With one more deadlock that is known: one that was counted before, or will be. */
    CounterLedger known(long at) {
        if (!surplus.isEmpty()) {
            return taken(1);
        }
        List<Long> open = new ArrayList<>(credits);
        open.add(at);
        if (open.size() > MOST_CREDITS) {
            open.remove(0);
        }
        return new CounterLedger(
                database, count, sinceMicros, baselineMicros, List.copyOf(open), surplus);
    }

    /** With one that was counted, but not for what it was taken. */
    CounterLedger returned(long at) {
        List<Long> open = new ArrayList<>(credits);
        List<Surplus> unknown = new ArrayList<>(surplus);
        if (open.isEmpty()) {
            unknown.add(new Surplus(at, 1));
        } else {
            open.remove(0);
        }
        return new CounterLedger(
                database,
                count,
                sinceMicros,
                baselineMicros,
                List.copyOf(open),
                List.copyOf(unknown));
    }

    /** As if all had happened just now, for the times of before mean nothing any more. */
    CounterLedger setBack(long to) {
        return new CounterLedger(
                database,
                count,
                sinceMicros,
                Math.min(baselineMicros, to - 1),
                credits.stream().map(at -> to).toList(),
                surplus.stream().map(each -> new Surplus(to, each.count())).toList());
    }

    /** With less unknown, the oldest first. */
    CounterLedger taken(long many) {
        List<Surplus> rest = new ArrayList<>();
        long left = many;
        for (Surplus each : surplus) {
            long taken = Math.min(left, each.count());
            left -= taken;
            if (each.count() > taken) {
                rest.add(new Surplus(each.atMicros(), each.count() - taken));
            }
        }
        return new CounterLedger(
                database, count, sinceMicros, baselineMicros, credits, List.copyOf(rest));
    }
}
