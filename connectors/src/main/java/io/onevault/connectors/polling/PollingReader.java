package io.onevault.connectors.polling;

import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.polling.host.HostProbe;
import io.onevault.connectors.target.Handover;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the splits of its targets on lanes and emits what they bring.
 *
 * <p>All results of a target leave through the output of one split, its {@code target} poll: so a
 * poll that runs once an hour has no watermark of its own that could hold the others back. See
 * {@link PollingSource#watermarks}.
 *
 * <p>A fault of a target is data. Only a defect of this program fails the task.
 */
final class PollingReader implements SourceReader<PollResult, PollSplit> {

    private static final Logger LOG = LoggerFactory.getLogger(PollingReader.class);
    private static final int HANDOVER_CAPACITY = 256;

    /** Which thread of a target runs a poll. */
    private enum LaneKind {
        FREQUENT,
        SLOW,
        HOST
    }

    private final PollingPlan plan;
    private final Clock clock;
    private final PollingMetrics metrics;
    private final Counter recordsIn;
    private final Handover<PollOutcome> handover = new Handover<>(HANDOVER_CAPACITY);
    private final Map<String, PollSplit> splits = new LinkedHashMap<>();
    private final Map<String, String> leaders = new HashMap<>();
    private final Map<String, TargetState> states = new HashMap<>();
    private final Map<String, Lane> lanes = new LinkedHashMap<>();
    private boolean noMoreSplits;

    PollingReader(PollingPlan plan, SourceReaderContext context, Clock clock) {
        this.plan = plan;
        this.clock = clock;
        this.metrics = new PollingMetrics(context.metricGroup(), clock);
        this.recordsIn = context.metricGroup().getIOMetricGroup().getNumRecordsInCounter();
    }

    @Override
    public void start() {}

    @Override
    public void addSplits(List<PollSplit> added) {
        // All that is restored must be known before the first poll of a target runs.
        for (PollSplit split : added) {
            splits.put(split.splitId(), split);
            leaders.computeIfAbsent(split.target(), plan::leader);
            states.computeIfAbsent(split.target(), this::newState).restore(split.progress());
            metrics.watch(split.target());
        }
        added.forEach(this::schedule);
    }

    private void schedule(PollSplit split) {
        PollTarget target = plan.target(split.target());
        Poll poll = plan.catalogue().poll(split.poll()).orElseThrow();
        Duration interval = plan.interval(poll);
        LaneKind kind =
                poll.source() == PollTarget.Kind.HOST
                        ? LaneKind.HOST
                        : interval.compareTo(PollingOptions.SLOW_INTERVAL) > 0
                                ? LaneKind.SLOW
                                : LaneKind.FREQUENT;
        TargetState state = states.computeIfAbsent(target.name(), this::newState);
        Lane lane =
                lanes.computeIfAbsent(
                        target.name() + "/" + kind, name -> newLane(name, target, kind, state));
        lane.add(
                new PollTask(
                        target,
                        poll,
                        PollSchedule.of(
                                plan.options().seed(),
                                target.name(),
                                poll.name(),
                                interval.toMillis()),
                        split,
                        lane.executor(),
                        state,
                        plan.options(),
                        clock,
                        metrics));
    }

    private TargetState newState(String target) {
        PollingOptions options = plan.options();
        return new TargetState(
                clock,
                new Random(options.seed() ^ target.hashCode()),
                options.backoffBase(),
                options.backoffCap());
    }

    private Lane newLane(String name, PollTarget target, LaneKind kind, TargetState state) {
        PollingOptions options = plan.options();
        PollExecutor executor;
        if (kind == LaneKind.HOST) {
            executor = new HostExecutor(target, state, new HostProbe(), clock);
        } else {
            TargetConnection connection =
                    new TargetConnection(
                            target,
                            options,
                            kind == LaneKind.SLOW
                                    ? options.slowStatementTimeout()
                                    : options.statementTimeout(),
                            state,
                            clock);
            executor =
                    target.kind() == PollTarget.Kind.PGBOUNCER
                            ? new PgBouncerExecutor(target, connection)
                            : new PostgresExecutor(target, connection, state);
        }
        return new Lane("polling-" + name, executor, handover, clock, plan.maxRuns());
    }

    @Override
    public InputStatus pollNext(ReaderOutput<PollResult> output) {
        PollOutcome outcome = handover.poll();
        if (outcome == null) {
            return noMoreSplits
                            && lanes.values().stream().allMatch(Lane::isDone)
                            && handover.isEmpty()
                    ? InputStatus.END_OF_INPUT
                    : InputStatus.NOTHING_AVAILABLE;
        }
        PollSplit split = splits.get(outcome.splitId());
        if (split != null) {
            SourceOutput<PollResult> leader =
                    output.createOutputForSplit(leaders.get(split.target()));
            for (PollResult result : outcome.results()) {
                recordsIn.inc();
                leader.collect(result, result.timestamp());
            }
            splits.put(outcome.splitId(), split.withProgress(outcome.progress()));
        }
        return InputStatus.MORE_AVAILABLE;
    }

    @Override
    public List<PollSplit> snapshotState(long checkpointId) {
        return List.copyOf(splits.values());
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return handover.available();
    }

    @Override
    public void notifyNoMoreSplits() {
        noMoreSplits = true;
        handover.wake();
    }

    @Override
    public void close() throws InterruptedException {
        handover.close();
        lanes.values().forEach(Lane::close);
        for (Map.Entry<String, Lane> lane : lanes.entrySet()) {
            if (!lane.getValue().awaitEnd(plan.options().closeTimeout())) {
                LOG.warn("the polling thread of {} still waits for its target", lane.getKey());
            }
        }
    }
}
