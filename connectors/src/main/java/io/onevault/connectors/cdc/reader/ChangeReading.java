package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.CollectionGap;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * thread says why and only looks again from time to time; the job goes on without changes until an
 * operator decides.
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
    private final SlotWatch watch;
    private CdcSplit split;
    private Map<Integer, String> typeNames = Map.of();
    private final Set<String> told = new HashSet<>();
    private final RefusedStretch refused = new RefusedStretch();
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
        this.watch = new SlotWatch(options, metrics);
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
                readOnce();
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
            watch.close();
        }
    }

    /** One try, and the wait after it. */
    private void readOnce() throws InterruptedException {
        Throwable problem = null;
        SlotCheck.Refusal refusal = null;
        try (Connection opened = Connections.open(options)) {
            connection = opened;
            SlotCheck.Answer answer = SlotCheck.ask(opened, options, split);
            refusal = answer.refusal();
            if (refusal == null) {
                metrics.refused(false);
                split = split.of(answer.systemId(), answer.timeline(), answer.publication());
                typeNames = TypeNames.read(opened);
                if (split.position().isStreaming()) {
                    reportTables(answer.unpublished());
                } else {
                    split = new Snapshot(options, handover, split).read(opened, answer.confirmed());
                }
            }
        } catch (SQLException e) {
            problem = e;
        } finally {
            connection = null;
        }
        if (problem == null && refusal == null && !isClosing()) {
            problem = stream();
        }
        if (problem != null) {
            refusal = SlotCheck.refusal(problem, options);
        }
        if (isClosing()) {
            return;
        }
        if (refusal != null) {
            refuse(refusal);
        } else if (problem != null) {
            retryLater(problem);
        }
    }

    /** Says once of which tables changes or rows are missing; those of the others are read. */
    private void reportTables(List<String> unpublished) throws InterruptedException {
        for (String table : options.tables()) {
            if (unpublished.contains(table) && told.add(table)) {
                report(
                        "TABLE_MISSING",
                        "publication %s does not hold table %s, whose changes are not read; if it still exists, add it with ./onevault deploy --config FILE"
                                .formatted(options.publication(), table));
            } else if (!unpublished.contains(table)
                    && !split.columns().isEmpty()
                    && !split.columns().containsKey(table)
                    && told.add(table)) {
                report(
                        "TABLE_ADDED",
                        "table %s was added after the snapshot: its changes are read, the rows it held before are not; to read them give the source another slot name, create that slot with ./onevault deploy --config FILE, drop slot %s, and restart the job from its newest checkpoint or savepoint"
                                .formatted(table, options.slot()));
            }
        }
    }

    /**
     * Says why, again from time to time, and waits; what was missing may come back without loss, as
     * a publication does that nothing was read from yet.
     */
    private void refuse(SlotCheck.Refusal refusal) throws InterruptedException {
        metrics.refused(true);
        long now = clock.millis();
        if (refused.seen(refusal, now)) {
            report(refusal.reason(), refusal.detail(), refused.from(), now);
        }
        silent();
        pause(options.retryDelay().multipliedBy(1L << MAX_DOUBLINGS));
    }

    private @Nullable Throwable stream() {
        CdcSplit before = split;
        long publication = split.publication();
        EngineRun run =
                new EngineRun(
                        options,
                        handover,
                        positions,
                        split,
                        typeNames,
                        () -> watch.look(publication));
        engine = run;
        Throwable problem = isClosing() ? null : run.run();
        engine = null;
        split = run.split();
        if (!split.equals(before)) {
            failures = 0;
            refused.over();
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
        pause(wait);
    }

    private void pause(Duration wait) throws InterruptedException {
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
        report(reason, detail, now, now);
    }

    private void report(String reason, String detail, long from, long to)
            throws InterruptedException {
        LOG.warn("{} of {}: {}: {}", options.streamName(), options.target(), reason, detail);
        handover.put(
                List.of(
                        Handed.one(
                                CdcRecord.of(
                                        new CollectionGap(
                                                options.target(),
                                                options.streamName(),
                                                from,
                                                to,
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
