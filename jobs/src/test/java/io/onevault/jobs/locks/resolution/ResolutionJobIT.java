package io.onevault.jobs.locks.resolution;

import static io.onevault.jobs.locks.impact.Incidents.NOON;
import static io.onevault.jobs.locks.impact.Incidents.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.locks.SignalResult;
import io.onevault.connectors.locks.SignalResult.Outcome;
import io.onevault.jobs.locks.impact.Incidents;
import io.onevault.jobs.locks.incident.BlockingIncident;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The operator in a running job: real checkpoints let decisions be carried out. */
class ResolutionJobIT {

    @Test
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void checkpointsCarryDecisionsOut() throws Exception {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        flink.set(PipelineOptions.OBJECT_REUSE, true);
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(2, flink);
        DataStream<BlockingIncident> incidents =
                environment.fromSource(
                        new DataGeneratorSource<>(
                                i -> Incidents.plain().at(NOON + i * SECOND).build(),
                                Long.MAX_VALUE,
                                RateLimiterStrategy.perSecond(20),
                                TypeInformation.of(BlockingIncident.class)),
                        WatermarkStrategy.noWatermarks(),
                        "incidents");
        DataStream<LockResolution> resolutions =
                ResolutionJob.defineWorkflow(
                        incidents,
                        Settings.enabled(),
                        (target, request) ->
                                new SignalResult(
                                        Outcome.SENT,
                                        "",
                                        "Told by a test.",
                                        request.notAfterMicros()));

        List<LockResolution> seen = new ArrayList<>();
        try (CloseableIterator<LockResolution> all = resolutions.executeAndCollect()) {
            while (seen.size() < 3) {
                seen.add(all.next());
            }
        }
        assertThat(seen)
                .extracting(LockResolution::decision)
                .containsExactly("CANCEL", "TERMINATE", "ADVISE");
        assertThat(seen).extracting(LockResolution::outcome).containsExactly("SENT", "SENT", "");
    }
}
