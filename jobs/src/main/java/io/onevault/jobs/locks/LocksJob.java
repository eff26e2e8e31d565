package io.onevault.jobs.locks;

import io.onevault.connectors.locks.LockSampler;
import io.onevault.connectors.locks.LockSamplerOptions;
import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LogObservation;
import io.onevault.connectors.serverlog.ServerLogTail;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.locks.impact.LockAssessor;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.EpisodeSettings;
import io.onevault.jobs.locks.incident.LockWait;
import io.onevault.jobs.locks.resolution.ResolutionJob;
import io.onevault.jobs.locks.resolution.ServerSignals;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.LockSinks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * The locks capability: looks at the targets' locks and logs become waits, incidents and deadlocks,
 * which are judged, written to the vault and, where that is switched on, resolved.
 */
public final class LocksJob {

    /** How long after its time a line of the log may be read. */
    private static final Duration LOG_DISORDER = Duration.ofSeconds(2);

    private LocksJob() {}

    /**
     * Adds the capability to a topology, with sources of its own.
     *
     * @return what it finds, for what builds on it; null where no target is a server
     */
    public static @Nullable LockFindings defineWorkflow(
            StreamExecutionEnvironment env, OneVaultConfig config, FindingSinks sinks) {
        List<ServerTarget> targets = config.postgresTargets();
        if (targets.isEmpty()) {
            return null;
        }
        List<DataStream<CollectionGap>> gaps = new ArrayList<>();
        DataStream<LockObservation> looks = looks(env, targets, config.locks().probeInterval());
        gaps.add(gapsOfLooks(looks));
        @Nullable DataStream<LogObservation> log = null;
        if (config.locks().log()) {
            log = log(env, targets);
            gaps.add(gapsOfLog(log));
        }
        BlockingStreams found = BlockingJob.defineWorkflow(looks, log, EpisodeSettings.DEFAULT);
        LockAssessor assessor = new LockAssessor(config.lockAssessment());
        DataStream<LockWait> waits =
                found.waits()
                        .map(assessor::assess)
                        .returns(LockWait.class)
                        .uid("assess-waits")
                        .name("assess-waits");
        DataStream<BlockingIncident> incidents =
                found.incidents()
                        .keyBy(BlockingIncident::key)
                        .process(new AssessIncidents(assessor))
                        .returns(BlockingIncident.class)
                        .uid("assess-incidents")
                        .name("assess-incidents");
        DataStream<DeadlockEvent> deadlocks =
                found.deadlocks()
                        .map(assessor::assess)
                        .returns(DeadlockEvent.class)
                        .uid("assess-deadlocks")
                        .name("assess-deadlocks");
        LockSinks vault = new LockSinks(sinks, config.vault().persons());
        vault.blocking(waits, incidents);
        vault.deadlocks(deadlocks);
        vault.resolutions(
                ResolutionJob.defineWorkflow(
                        incidents,
                        config.locks().resolution(),
                        new ServerSignals(
                                config.lockResolutionTargets(),
                                LockSamplerOptions.DEFAULT.limits(),
                                config.locks().resolution())));
        return new LockFindings(incidents, deadlocks, log, gaps);
    }

    private static DataStream<LockObservation> looks(
            StreamExecutionEnvironment env, List<ServerTarget> targets, Duration probeInterval) {
        return env.fromSource(
                        LockSampler.builder()
                                .targets(targets)
                                .options(
                                        LockSamplerOptions.builder()
                                                .probeInterval(probeInterval)
                                                .build())
                                .build(),
                        LockSampler.watermarks(),
                        "lock-sampler")
                .uid("lock-sampler");
    }

    private static DataStream<LogObservation> log(
            StreamExecutionEnvironment env, List<ServerTarget> targets) {
        return env.fromSource(
                        ServerLogTail.builder().targets(targets).build(),
                        ServerLogTail.watermarks(LOG_DISORDER),
                        "server-log")
                .uid("server-log");
    }

    private static DataStream<CollectionGap> gapsOfLooks(DataStream<LockObservation> looks) {
        return looks.<CollectionGap>flatMap(
                        (look, out) -> {
                            if (look.gap() != null) {
                                out.collect(look.gap());
                            }
                        })
                .returns(CollectionGap.class)
                .uid("lock-gaps")
                .name("lock-gaps");
    }

    private static DataStream<CollectionGap> gapsOfLog(DataStream<LogObservation> log) {
        return log.<CollectionGap>flatMap(
                        (line, out) -> {
                            if (line.gap() != null) {
                                out.collect(line.gap());
                            }
                        })
                .returns(CollectionGap.class)
                .uid("log-gaps")
                .name("log-gaps");
    }
}
