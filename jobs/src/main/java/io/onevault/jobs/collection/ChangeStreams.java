package io.onevault.jobs.collection;

import io.onevault.connectors.cdc.PostgresCdcSource;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.config.OneVaultConfig.Changes;
import io.onevault.jobs.config.OneVaultConfig.Target;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The change sources that a configuration asks for. */
public final class ChangeStreams {

    /** What gaps of the vault's own changes are told under. */
    public static final String VAULT = "vault";

    private static final Duration LONGEST_HEARTBEAT = Duration.ofSeconds(5);

    private ChangeStreams() {}

    /** Changes of the targets by their names, one source for each that names tables. */
    public static Map<String, DataStream<CdcRecord>> ofTargets(
            StreamExecutionEnvironment env, OneVaultConfig config) {
        Map<String, DataStream<CdcRecord>> streams = new LinkedHashMap<>();
        for (Target target : config.targets()) {
            if (target.changes() != null) {
                streams.put(
                        target.name(),
                        read(
                                env,
                                config,
                                target.name(),
                                target.url(),
                                target.changes(),
                                "changes-" + target.name()));
            }
        }
        return streams;
    }

    /** Changes of the rules that people keep in the vault. */
    public static DataStream<CdcRecord> ofRules(
            StreamExecutionEnvironment env, OneVaultConfig config, Changes rules) {
        return read(env, config, VAULT, config.vault().url(), rules, "rule-changes");
    }

    private static DataStream<CdcRecord> read(
            StreamExecutionEnvironment env,
            OneVaultConfig config,
            String name,
            String url,
            Changes changes,
            String uid) {
        Duration checkpoints = config.job().checkpointInterval();
        return PostgresCdcSource.builder(name, url, changes.user(), changes.password())
                .slot(changes.capture().slot())
                .publication(changes.capture().publication())
                .tables(changes.capture().tables())
                .heartbeat(
                        checkpoints.compareTo(LONGEST_HEARTBEAT) < 0
                                ? checkpoints
                                : LONGEST_HEARTBEAT)
                // The oldest checkpoint that is kept must still be one to go back to.
                .confirmBehind(config.job().retainedCheckpoints() - 1)
                .build()
                .addTo(env, uid);
    }
}
