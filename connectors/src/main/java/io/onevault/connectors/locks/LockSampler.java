package io.onevault.connectors.locks;

import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.ServerTimeWatermarks;
import io.onevault.connectors.target.SplitListSerializer;
import io.onevault.connectors.target.TargetEnumerator;
import io.onevault.connectors.target.TargetReader;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * Samples who waits for whose locks on PostgreSQL servers, as often as it is worth it.
 *
 * <p>A probe asks every server whether somebody waits, ten times a second unless told otherwise,
 * and reads no lock table for that. While somebody waits, or a dangerous lock is held, {@link
 * LockObservation}s carry a snapshot of the lock table; one more follows when that is over. Where
 * waits only come and go within a probe interval, snapshots are rarer, see {@link SamplingPace}.
 * Otherwise they only say, now and then, that nobody waits. Dangerous is a lock that would make
 * writers of a user's relation wait, and a transaction that wrote something and idles.
 *
 * <p>A server that is away yields gaps and never fails the job. What happened while nobody looked
 * cannot be read afterwards: restored from a checkpoint, the source reports it as a gap. One thread
 * and one connection a target.
 *
 * <pre>{@code
 * LockSampler locks =
 *         LockSampler.builder()
 *                 .target(new ServerTarget("prod", url, "collector", password))
 *                 .build();
 * env.fromSource(locks, LockSampler.watermarks(), "lock-sampler").uid("lock-sampler");
 * }</pre>
 */
public final class LockSampler
        implements Source<LockObservation, LockSplit, List<LockSplit>>,
                SupportsSplitReassignmentOnRecovery {

    private static final long serialVersionUID = 1L;

    /** A target that is away must not hold back the time of the others. */
    private static final Duration IDLE_AFTER = Duration.ofSeconds(5);

    private final List<ServerTarget> targets;
    private final LockSamplerOptions options;

    private LockSampler(List<ServerTarget> targets, LockSamplerOptions options) {
        this.targets = targets;
        this.options = options;
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Watermarks in the servers' time. Observations of a target come in order, so nothing is late.
     * Targets of a reader are merged to the least of theirs; one that says nothing for some seconds
     * is left out.
     */
    public static WatermarkStrategy<LockObservation> watermarks() {
        return WatermarkStrategy.<LockObservation>forGenerator(
                        context ->
                                new ServerTimeWatermarks<>(
                                        Duration.ZERO, IDLE_AFTER, context.getInputActivityClock()))
                .withTimestampAssigner((observation, recorded) -> observation.timestamp());
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SplitEnumerator<LockSplit, List<LockSplit>> createEnumerator(
            SplitEnumeratorContext<LockSplit> context) {
        return restoreEnumerator(context, List.of());
    }

    @Override
    public SplitEnumerator<LockSplit, List<LockSplit>> restoreEnumerator(
            SplitEnumeratorContext<LockSplit> context, List<LockSplit> checkpoint) {
        Map<String, List<LockSplit>> splits = new LinkedHashMap<>();
        targets.forEach(
                target -> splits.put(target.name(), List.of(new LockSplit(target.name(), 0))));
        return new TargetEnumerator<>(
                context,
                splits,
                false,
                checkpoint,
                (a, b) -> a.accountedUntil() >= b.accountedUntil() ? a : b,
                List::copyOf);
    }

    @Override
    public SourceReader<LockObservation, LockSplit> createReader(SourceReaderContext context) {
        SamplerMetrics metrics = new SamplerMetrics(context.metricGroup());
        Clock clock = Clock.systemUTC();
        LatestOutbox outbox = new LatestOutbox(metrics::conflated);
        return new TargetReader<>(
                "locks",
                context,
                outbox,
                split -> {
                    metrics.watch(split.target());
                    return new LockWatcher(
                            ServerTarget.named(split.target(), targets),
                            split,
                            options,
                            outbox,
                            metrics,
                            clock);
                },
                LockObservation::timestamp,
                options.closeTimeout());
    }

    @Override
    public SimpleVersionedSerializer<LockSplit> getSplitSerializer() {
        return new LockSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<List<LockSplit>> getEnumeratorCheckpointSerializer() {
        return new SplitListSerializer<>(new LockSplitSerializer());
    }

    /** Collects what is sampled. */
    public static final class Builder {
        private final List<ServerTarget> targets = new ArrayList<>();
        private LockSamplerOptions options = LockSamplerOptions.DEFAULT;

        private Builder() {}

        /** Adds a target. */
        public Builder target(ServerTarget target) {
            targets.add(target);
            return this;
        }

        /** Adds targets. */
        public Builder targets(List<ServerTarget> several) {
            targets.addAll(several);
            return this;
        }

        /** Default: {@link LockSamplerOptions#DEFAULT}. */
        public Builder options(LockSamplerOptions value) {
            this.options = value;
            return this;
        }

        /**
         * @throws IllegalArgumentException one sentence that names the mistake and the remedy
         */
        public LockSampler build() {
            return new LockSampler(
                    ServerTarget.requireDistinct("the lock sampler", targets), options);
        }
    }
}
