package io.onevault.connectors.polling;

import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.target.ServerTimeWatermarks;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SupportsSplitReassignmentOnRecovery;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Polls the statistics of PostgreSQL servers, PgBouncers and the local host on a schedule.
 *
 * <p>Every due run of every poll yields one {@link PollResult}: samples and facts, or a gap with
 * its reason. A target that is down yields {@code target_up = 0} and never fails the job. Restored
 * from a checkpoint, the source goes on in the same time slots and reports what it missed as a gap.
 *
 * <pre>{@code
 * PollingSource source =
 *         PollingSource.builder()
 *                 .target(PollTarget.postgres("prod", url, "collector", password).build())
 *                 .build();
 * env.fromSource(source, PollingSource.watermarks(Duration.ofSeconds(10)), "poll-servers")
 *         .uid("polling");
 * }</pre>
 */
public final class PollingSource
        implements Source<PollResult, PollSplit, PollingEnumeratorState>,
                SupportsSplitReassignmentOnRecovery {

    private static final long serialVersionUID = 1L;

    /** Longest silence of all polls of a target before it no longer holds windows open. */
    private static final Duration IDLE_AFTER = Duration.ofSeconds(60);

    private final PollingPlan plan;
    private final SerializableClock clock;

    private PollingSource(PollingPlan plan, SerializableClock clock) {
        this.plan = plan;
        this.clock = clock;
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Watermarks in the servers' time.
     *
     * <p>Every target has one watermark, whichever poll its results come from, so a poll that runs
     * hourly holds nothing back. Targets of a reader are merged to the least of theirs: a server
     * whose clock is behind delays windows of its neighbours by its lag, which the metric {@code
     * clock_skew_ms} shows. A target without any result for a minute, not even a gap, is left out.
     *
     * @param bound how late results may come; at least the longest run of a poll
     */
    public static WatermarkStrategy<PollResult> watermarks(Duration bound) {
        return WatermarkStrategy.<PollResult>forGenerator(
                        context ->
                                new ServerTimeWatermarks<>(
                                        bound, IDLE_AFTER, context.getInputActivityClock()))
                .withTimestampAssigner((result, recordTimestamp) -> result.timestamp());
    }

    @Override
    public Boundedness getBoundedness() {
        return plan.maxRuns() == 0 ? Boundedness.CONTINUOUS_UNBOUNDED : Boundedness.BOUNDED;
    }

    @Override
    public SplitEnumerator<PollSplit, PollingEnumeratorState> createEnumerator(
            SplitEnumeratorContext<PollSplit> context) {
        return restoreEnumerator(context, new PollingEnumeratorState(List.of()));
    }

    @Override
    public SplitEnumerator<PollSplit, PollingEnumeratorState> restoreEnumerator(
            SplitEnumeratorContext<PollSplit> context, PollingEnumeratorState checkpoint) {
        return new PollingEnumerator(context, plan.pollsByTarget(), plan.maxRuns() > 0, checkpoint);
    }

    @Override
    public SourceReader<PollResult, PollSplit> createReader(SourceReaderContext context) {
        return new PollingReader(plan, context, clock.create());
    }

    @Override
    public SimpleVersionedSerializer<PollSplit> getSplitSerializer() {
        return new PollSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<PollingEnumeratorState> getEnumeratorCheckpointSerializer() {
        return new PollingEnumeratorStateSerializer();
    }

    /** Makes a clock where the reader runs; clocks themselves need not be serialisable. */
    @FunctionalInterface
    public interface SerializableClock extends java.io.Serializable {
        Clock create();
    }

    /** Collects what is polled. */
    public static final class Builder {
        private final List<PollTarget> targets = new ArrayList<>();
        private final Map<String, Duration> intervals = new HashMap<>();
        private PollCatalogue catalogue = PollCatalogue.load();
        private PollingOptions options = PollingOptions.DEFAULT;
        private SerializableClock clock = Clock::systemUTC;
        private long maxRuns;

        private Builder() {}

        /** Adds a target. */
        public Builder target(PollTarget target) {
            targets.add(target);
            return this;
        }

        /** Adds targets. */
        public Builder targets(List<PollTarget> several) {
            targets.addAll(several);
            return this;
        }

        /** Default: {@link PollCatalogue#load()}. */
        public Builder catalogue(PollCatalogue value) {
            this.catalogue = value;
            return this;
        }

        /** Runs a poll at another interval than the catalogue says. */
        public Builder interval(String poll, Duration interval) {
            intervals.put(poll, interval);
            return this;
        }

        /** Default: {@link PollingOptions#DEFAULT}. */
        public Builder options(PollingOptions value) {
            this.options = value;
            return this;
        }

        /** Default: the system's. */
        public Builder clock(SerializableClock value) {
            this.clock = value;
            return this;
        }

        /**
         * Ends the source after every poll ran {@code runs} times, for one look at a server.
         * Default: it never ends.
         */
        public Builder maxRuns(long runs) {
            this.maxRuns = runs;
            return this;
        }

        /**
         * @throws IllegalArgumentException one sentence that names the mistake and the remedy
         */
        public PollingSource build() {
            if (targets.isEmpty()) {
                throw new IllegalArgumentException("polling needs at least one target");
            }
            Set<String> names = new HashSet<>();
            for (PollTarget target : targets) {
                if (!names.add(target.name())) {
                    throw new IllegalArgumentException(
                            "two targets are named %s; rename one".formatted(target.name()));
                }
                target.excludedPolls().forEach(poll -> requirePoll(poll, target.name()));
                if (catalogue.polls().stream().noneMatch(target::takes)) {
                    throw new IllegalArgumentException(
                            "target %s has no poll left; exclude fewer".formatted(target.name()));
                }
            }
            intervals.forEach(
                    (poll, interval) -> {
                        requirePoll(poll, "intervals");
                        if (interval.toMillis() < 100) {
                            throw new IllegalArgumentException(
                                    "interval of poll %s: at least 100 ms".formatted(poll));
                        }
                    });
            return new PollingSource(
                    new PollingPlan(targets, catalogue, intervals, options, maxRuns), clock);
        }

        private void requirePoll(String name, String where) {
            if (catalogue.poll(name).isEmpty()) {
                throw new IllegalArgumentException(
                        "%s: there is no poll %s; there are %s"
                                .formatted(
                                        where,
                                        name,
                                        catalogue.polls().stream().map(Poll::name).toList()));
            }
        }
    }
}
