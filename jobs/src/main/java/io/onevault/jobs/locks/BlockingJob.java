package io.onevault.jobs.locks;

import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LogObservation;
import io.onevault.jobs.locks.incident.EpisodeSettings;
import io.onevault.jobs.locks.incident.LockWait;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.jspecify.annotations.Nullable;

/** Makes episodes of blocking from the lock samplers' looks and the servers' logs. */
public final class BlockingJob {

    private BlockingJob() {}

    /**
     * Adds the workflow to a topology.
     *
     * @param locks from the lock sampler
     * @param log from the servers' logs; null when none is read, and then the counters of the
     *     servers tell deadlocks from near misses
     */
    public static BlockingStreams defineWorkflow(
            DataStream<LockObservation> locks,
            @Nullable DataStream<LogObservation> log,
            EpisodeSettings settings) {
        DataStream<LockSign> signs =
                locks.map(look -> new LockSign(look.target(), look, null))
                        .returns(LockSign.class)
                        .uid("lock-looks")
                        .name("lock-looks");
        if (log != null) {
            signs =
                    signs.union(
                            log.map(line -> new LockSign(line.target(), null, line))
                                    .returns(LockSign.class)
                                    .uid("lock-lines")
                                    .name("lock-lines"));
        }
        SingleOutputStreamOperator<LockWait> episodes =
                signs.keyBy(LockSign::target)
                        .process(new BlockingFunction(settings))
                        .uid("lock-incidents")
                        .name("lock-incidents");
        return new BlockingStreams(
                episodes,
                episodes.getSideOutput(BlockingFunction.INCIDENTS),
                episodes.getSideOutput(BlockingFunction.DEADLOCKS));
    }
}
