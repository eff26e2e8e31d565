package io.onevault.demo.workload;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Tells all threads of a workload to end, and wakes those that are pausing. */
final class StopSignal {

    private final CountDownLatch latch = new CountDownLatch(1);

    void raise() {
        latch.countDown();
    }

    boolean raised() {
        return latch.getCount() == 0;
    }

    /** Pauses the calling thread; returns at once when the workload ends meanwhile. */
    void pause(Duration duration) {
        try {
            // An await that ends early is the purpose: every caller asks raised() next.
            boolean ended = latch.await(duration.toNanos(), TimeUnit.NANOSECONDS);
            if (ended) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            raise();
        }
    }
}
