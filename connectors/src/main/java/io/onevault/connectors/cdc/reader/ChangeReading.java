package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.CollectionGap;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that reads: checks the slot, takes the snapshot once, and runs the engine again and
 * again from where the last run ended.
 *
 * <p>A server that is away is waited for. A slot that cannot serve the position is never read: the
 * thread says why and ends, and the job goes on without changes until an operator decides.
 */
final class ChangeReading implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(ChangeReading.class);

    /** Doublings of the retry delay; 2^6 of half a second are half a minute. */
    private static final int MAX_DOUBLINGS = 6;

    private final CdcOptions options;
    private final Handover handover;
    private final PositionStore.State positions;
    private final CdcMetrics metrics;
    private final Clock clock;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private final SlotLag lag;
    private CdcSplit split;
    private Map<Integer, String> typeNames = Map.of();
    private int failures;
    private long failingSince;
    private volatile @Nullable EngineRun engine;
    private volatile @Nullable Connection connection;

    ChangeReading(
            CdcOptions options,
            Handover handover,
            PositionStore.State positions,
            CdcMetrics metrics,
            Clock clock,
            CdcSplit split) {
        this.options = options;
        this.handover = handover;
        this.positions = positions;
        this.metrics = metrics;
        this.clock = clock;
        this.split = split;
        this.lag = new SlotLag(options, metrics);
        this.thread = new Thread(this, "cdc-" + options.slot());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public void run() {
        try {
            while (!isClosing()) {
                if (!readOnce()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            if (!isClosing()) {
                handover.fail(e);
            }
        } catch (Throwable e) {
            if (!isClosing()) {
                handover.fail(e);
            }
        } finally {
            lag.close();
        }
    }

    /** One try. Returns false when the slot is refused. */
    private boolean readOnce() throws InterruptedException {
        Throwable problem = null;
        try (Connection opened = Connections.open(options)) {
            connection = opened;
            SlotCheck.Answer answer = SlotCheck.ask(opened, options, split);
            SlotCheck.Refusal refusal = answer.refusal();
            if (refusal != null) {
                metrics.refused(true);
                report(refusal.reason(), refusal.detail());
                silent();
                return false;
            }
            split = split.of(answer.systemId(), answer.timeline(), answer.publication());
            typeNames = TypeNames.read(opened);
            if (!split.position().isStreaming()) {
                split = new Snapshot(options, handover, split).read(opened, answer.confirmed());
            }
        } catch (SQLException e) {
            problem = e;
        } finally {
            connection = null;
        }
        if (problem == null && !isClosing()) {
            problem = stream();
        }
        if (problem != null && !isClosing()) {
            retryLater(problem);
        }
        return true;
    }

    private @Nullable Throwable stream() {
        CdcSplit before = split;
        EngineRun run = new EngineRun(options, handover, positions, split, typeNames, lag::measure);
        engine = run;
        Throwable problem = isClosing() ? null : run.run();
        engine = null;
        split = run.split();
        if (!split.equals(before)) {
            failures = 0;
        }
        return problem;
    }

    /** Reports the first failure of a series, and waits longer after each. */
    private void retryLater(Throwable problem) throws InterruptedException {
        metrics.restarted();
        LOG.warn("{} of {} is interrupted", options.streamName(), options.target(), problem);
        if (failures == 0) {
            report(
                    "UNREACHABLE",
                    "the change stream is interrupted and tried again, nothing is lost while the"
                            + " slot exists: "
                            + problem.getMessage());
        }
        long now = System.nanoTime();
        if (failures == 0) {
            failingSince = now;
        }
        if (now - failingSince >= options.idleAfter().toNanos()) {
            silent();
        }
        Duration wait = options.retryDelay().multipliedBy(1L << Math.min(failures, MAX_DOUBLINGS));
        failures++;
        if (closing.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.debug("{} is closed while it waits", options.streamName());
        }
    }

    /** Lets others go on without this stream. */
    private void silent() throws InterruptedException {
        handover.put(List.of(Handed.moved(split, Handed.SILENT)));
    }

    private void report(String reason, String detail) throws InterruptedException {
        long now = clock.millis();
        LOG.warn("{} of {}: {}: {}", options.streamName(), options.target(), reason, detail);
        handover.put(
                List.of(
                        Handed.one(
                                CdcRecord.of(
                                        new CollectionGap(
                                                options.target(),
                                                options.streamName(),
                                                now,
                                                now,
                                                reason,
                                                detail)),
                                split,
                                Handed.NO_TIME)));
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    /** Ends the thread. Returns false when it did not end within the limit. */
    boolean close(Duration limit) throws InterruptedException {
        closing.countDown();
        long deadline = System.nanoTime() + limit.toNanos();
        while (thread.isAlive() && System.nanoTime() < deadline) {
            EngineRun running = engine;
            if (running != null) {
                // Refused while the engine's tasks are starting; then it is asked again.
                running.close();
            }
            Connection open = connection;
            if (open != null) {
                try {
                    open.abort(Runnable::run);
                } catch (SQLException e) {
                    LOG.debug("a connection was broken already", e);
                }
            }
            thread.join(100);
        }
        return !thread.isAlive();
    }
}
