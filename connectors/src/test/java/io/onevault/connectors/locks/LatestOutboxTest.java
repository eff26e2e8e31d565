package io.onevault.connectors.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.target.Delivery;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LatestOutboxTest {

    private final AtomicInteger conflated = new AtomicInteger();
    private final LatestOutbox outbox = new LatestOutbox(conflated::addAndGet);

    @Test
    void aSlowJobGetsTheNewestSnapshotOfEachTarget() {
        put("a", snapshot("a", 1));
        put("b", snapshot("b", 2));
        put("a", snapshot("a", 3));
        put("a", snapshot("a", 4));
        assertThat(times()).containsExactly(4L);
        assertThat(times()).containsExactly(2L);
        assertThat(outbox.poll()).isNull();
        assertThat(conflated).hasValue(2);
    }

    @Test
    void thatNobodyWaitsAnyMoreDoesNotHideThatSomebodyDid() {
        put("a", snapshot("a", 1));
        put("a", quiet("a", 2));
        put("a", quiet("a", 3));
        assertThat(times()).containsExactly(1L, 3L);
        put("a", quiet("a", 4));
        put("a", snapshot("a", 5));
        assertThat(times()).containsExactly(5L);
        assertThat(conflated).hasValue(0);
    }

    @Test
    void gapsAreKeptInOrderAndTheStateIsTheLast() {
        put("a", snapshot("a", 1), gap("a", 1, 2));
        put("a", gap("a", 2, 3));
        put("a", snapshot("a", 4));
        Delivery<LockObservation, LockSplit> all = outbox.poll();
        assertThat(all.records())
                .extracting(LockObservation::timestamp)
                .containsExactly(2L, 3L, 4L);
        assertThat(all.split().accountedUntil()).isEqualTo(4);
    }

    @Test
    void manyGapsBecomeOneThatCoversThem() {
        for (int i = 0; i < 1_000; i++) {
            put("a", gap("a", i, i + 1));
        }
        List<LockObservation> kept = outbox.poll().records();
        assertThat(kept).hasSizeLessThanOrEqualTo(16);
        long end = 0;
        for (LockObservation one : kept) {
            assertThat(one.gap().from()).isEqualTo(end);
            end = one.gap().to();
        }
        assertThat(end).isEqualTo(1_000);
    }

    @Test
    void saysWhenThereIsSomethingAndTakesNothingOnceClosed() {
        assertThat(outbox.available()).isNotDone();
        put("a", quiet("a", 1));
        assertThat(outbox.available()).isDone();
        outbox.poll();
        assertThat(outbox.available()).isNotDone();
        outbox.close();
        assertThat(outbox.put(new Delivery<>(new LockSplit("a", 2), List.of()))).isFalse();
    }

    private List<Long> times() {
        return outbox.poll().records().stream().map(LockObservation::timestamp).toList();
    }

    private void put(String target, LockObservation... observations) {
        long time = observations[observations.length - 1].timestamp();
        assertThat(outbox.put(new Delivery<>(new LockSplit(target, time), List.of(observations))))
                .isTrue();
    }

    private static LockObservation snapshot(String target, long time) {
        return new LockObservation(
                target,
                time,
                1,
                new LockSnapshot(target, time, "18.0", List.of(), List.of(), List.of(), List.of()),
                null);
    }

    private static LockObservation quiet(String target, long time) {
        return new LockObservation(target, time, 0, null, null);
    }

    private static LockObservation gap(String target, long from, long to) {
        return new LockObservation(
                target, to, 0, null, new CollectionGap(target, "locks", from, to, "ERROR", ""));
    }
}
