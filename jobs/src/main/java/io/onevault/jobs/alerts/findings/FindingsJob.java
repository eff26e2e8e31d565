package io.onevault.jobs.alerts.findings;

import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.metrics.LiveValue;
import java.time.Duration;
import org.apache.flink.streaming.api.datastream.DataStream;

/** What other capabilities find becomes values, for rules to judge as soon as it is found. */
public final class FindingsJob {

    /** How long a deadlock counts. */
    private static final Duration RECENT = Duration.ofMinutes(10);

    private FindingsJob() {}

    /**
     * Blocking incidents and deadlocks.
     *
     * @param incidents each row, assessed, with watermarks of the servers' time
     * @param deadlocks each row, assessed
     */
    public static DataStream<LiveValue> ofLocks(
            DataStream<BlockingIncident> incidents, DataStream<DeadlockEvent> deadlocks) {
        DataStream<LiveValue> blocking =
                incidents
                        .keyBy(BlockingIncident::target)
                        .process(new BlockingFindings())
                        .returns(LiveValue.class)
                        .uid("blocking-findings")
                        .name("blocking-findings");
        DataStream<LiveValue> recent =
                deadlocks
                        .map(DeadlockWords::event)
                        .returns(FoundEvent.class)
                        .uid("deadlock-events")
                        .name("deadlock-events")
                        .keyBy(FoundEvent::series)
                        .process(new RecentFindings(RECENT))
                        .returns(LiveValue.class)
                        .uid("deadlock-findings")
                        .name("deadlock-findings");
        return blocking.union(recent);
    }
}
