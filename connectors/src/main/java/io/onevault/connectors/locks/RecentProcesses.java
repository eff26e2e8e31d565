package io.onevault.connectors.locks;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Remembers who stood in the lock table, until some looks have passed and some time as well: the
 * job may have missed a look, and the server may have been away in between. Confined to its thread.
 */
final class RecentProcesses {

    private static final long KEPT_MICROS = TimeUnit.SECONDS.toMicros(3);
    private static final int KEPT_LOOKS = 3;

    private record Sight(long micros, long look) {}

    private final Map<Integer, Sight> seen = new HashMap<>();
    private long looks;

    /** Adds those of a look, and returns all that are remembered. */
    Set<Integer> with(Set<Integer> present, long nowMicros) {
        looks++;
        seen.values()
                .removeIf(
                        sight ->
                                // The clock may have been set back.
                                Math.abs(nowMicros - sight.micros) > KEPT_MICROS
                                        && sight.look < looks - KEPT_LOOKS);
        Sight now = new Sight(nowMicros, looks);
        present.forEach(pid -> seen.put(pid, now));
        return new HashSet<>(seen.keySet());
    }
}
