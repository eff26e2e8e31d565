package io.onevault.connectors.cdc.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.cdc.split.CdcSplit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HandoverTest {

    private static final CdcSplit SPLIT = CdcSplit.fresh("cdc/s");

    @Test
    void waitsForRoomInRecordsAndInBytes() throws Exception {
        Handover handover = new Handover(2, 1000);
        handover.put(List.of(sized(1), sized(1)));
        CompletableFuture<Void> third = put(handover, sized(5000));
        assertThat(third).isNotDone();
        assertThat(handover.poll()).hasSize(2);
        third.get(10, TimeUnit.SECONDS);
        assertThat(handover.bytes()).isEqualTo(5000);
        CompletableFuture<Void> fourth = put(handover, sized(1));
        assertThat(fourth).isNotDone();
        assertThat(handover.poll()).hasSize(1);
        fourth.get(10, TimeUnit.SECONDS);
        assertThat(handover.poll()).hasSize(1);
        assertThat(handover.poll()).isNull();
        assertThat(handover.bytes()).isZero();
        assertThat(handover.size()).isZero();
    }

    @Test
    void theBudgetLetsOneMoreThroughWhileLessThanItsLimitIsUsed() throws Exception {
        ByteBudget budget = new ByteBudget(100);
        budget.acquire(99);
        budget.acquire(1_000_000);
        CompletableFuture<Void> next =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                budget.acquire(1);
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        budget.release(99);
        assertThat(next).isNotDone();
        budget.release(1_000_000);
        next.get(10, TimeUnit.SECONDS);
    }

    private static Handed sized(long bytes) {
        return new Handed(List.of(), SPLIT, Handed.NO_TIME, bytes);
    }

    private static CompletableFuture<Void> put(Handover handover, Handed handed) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        handover.put(List.of(handed));
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }
}
