package io.onevault.jobs.locks.incident;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All rows, and of each key the last one. */
final class Recorded implements Episodes {

    final List<LockWait> waits = new ArrayList<>();
    final List<BlockingIncident> incidents = new ArrayList<>();
    final List<DeadlockEvent> deadlocks = new ArrayList<>();

    @Override
    public void wait(LockWait row) {
        waits.add(row);
    }

    @Override
    public void incident(BlockingIncident row) {
        incidents.add(row);
    }

    @Override
    public void deadlock(DeadlockEvent row) {
        deadlocks.add(row);
    }

    Map<String, LockWait> lastWaits() {
        Map<String, LockWait> last = new LinkedHashMap<>();
        waits.forEach(row -> last.put(row.key(), row));
        return last;
    }

    Map<String, BlockingIncident> lastIncidents() {
        Map<String, BlockingIncident> last = new LinkedHashMap<>();
        incidents.forEach(row -> last.put(row.key(), row));
        return last;
    }

    Map<String, DeadlockEvent> lastDeadlocks() {
        Map<String, DeadlockEvent> last = new LinkedHashMap<>();
        deadlocks.forEach(row -> last.put(row.key(), row));
        return last;
    }

    long counted() {
        return lastDeadlocks().values().stream()
                .filter(row -> row.outcome().equals("DEADLOCK"))
                .mapToLong(DeadlockEvent::count)
                .sum();
    }

    /** Every episode has one end, nothing after it, and rows of ever later times. */
    void assertEachEndsOnce(boolean all) {
        Map<String, Long> observed = new HashMap<>();
        Map<String, Boolean> closed = new HashMap<>();
        for (LockWait row : waits) {
            assertThat(closed.put(row.key(), row.waitEndMicros() != 0)).isNotEqualTo(true);
            Long before = observed.put("w" + row.key(), row.observedAtMicros());
            assertThat(before == null || before < row.observedAtMicros()).isTrue();
        }
        for (BlockingIncident row : incidents) {
            assertThat(closed.put("i" + row.key(), !row.open())).isNotEqualTo(true);
            Long before = observed.put("i" + row.key(), row.observedAtMicros());
            assertThat(before == null || before < row.observedAtMicros()).isTrue();
        }
        for (DeadlockEvent row : deadlocks) {
            Long before = observed.put("d" + row.key(), row.observedAtMicros());
            assertThat(before == null || before < row.observedAtMicros()).isTrue();
        }
        if (all) {
            assertThat(closed.values()).doesNotContain(false);
            assertThat(lastDeadlocks().values())
                    .extracting(DeadlockEvent::outcome)
                    .doesNotContain("OPEN");
        }
    }
}
