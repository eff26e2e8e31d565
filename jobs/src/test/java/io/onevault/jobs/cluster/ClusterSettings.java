package io.onevault.jobs.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;

/** The project's configuration of a cluster, with ports, folders, sizes and waits of a test. */
final class ClusterSettings {

    /** What a failed job waits before it is restarted. */
    static final Duration RESTART_DELAY = Duration.ofSeconds(1);

    private ClusterSettings() {}

    /**
     * @param projectConfiguration the folder {@code flink-conf}
     * @param storage where checkpoints, savepoints and job metadata go
     */
    static Configuration of(Path projectConfiguration, Path storage, int zooKeeperPort) {
        Configuration flink =
                GlobalConfiguration.loadConfiguration(projectConfiguration.toString());
        // The reporter is a plugin of the distribution, and its ports are fixed.
        flink.keySet().stream()
                .filter(key -> key.startsWith("metrics."))
                .toList()
                .forEach(key -> flink.removeKey(key));
        Map<String, String> ofTest =
                Map.ofEntries(
                        Map.entry("high-availability.type", "zookeeper"),
                        Map.entry(
                                "high-availability.storageDir",
                                folder(storage, "high-availability")),
                        Map.entry(
                                "high-availability.zookeeper.quorum", "127.0.0.1:" + zooKeeperPort),
                        Map.entry("high-availability.zookeeper.client.session-timeout", "5s"),
                        Map.entry("high-availability.zookeeper.client.connection-timeout", "5s"),
                        Map.entry("jobmanager.rpc.address", "127.0.0.1"),
                        Map.entry("jobmanager.bind-host", "127.0.0.1"),
                        Map.entry("taskmanager.host", "127.0.0.1"),
                        Map.entry("taskmanager.bind-host", "127.0.0.1"),
                        Map.entry("rest.address", "127.0.0.1"),
                        Map.entry("rest.bind-address", "127.0.0.1"),
                        Map.entry("io.tmp.dirs", storage.resolve("tmp").toString()),
                        Map.entry("execution.checkpointing.dir", folder(storage, "checkpoints")),
                        Map.entry(
                                "execution.checkpointing.savepoint-dir",
                                folder(storage, "savepoints")),
                        Map.entry("execution.checkpointing.min-pause", "200ms"),
                        Map.entry("taskmanager.numberOfTaskSlots", "2"),
                        Map.entry("taskmanager.memory.process.size", "900m"),
                        Map.entry("taskmanager.memory.jvm-metaspace.size", "160m"),
                        Map.entry("taskmanager.memory.managed.size", "32m"),
                        Map.entry("taskmanager.memory.network.min", "64m"),
                        Map.entry("taskmanager.memory.network.max", "64m"),
                        Map.entry(
                                "restart-strategy.exponential-delay.initial-backoff",
                                RESTART_DELAY.toMillis() + "ms"),
                        // Faults come faster here than in a year of operation.
                        Map.entry("restart-strategy.exponential-delay.max-backoff", "1100ms"));
        ofTest.forEach(flink::setString);
        return flink;
    }

    /** The URI of a folder in {@code storage}. */
    static String folder(Path storage, String name) {
        return storage.resolve(name).toUri().toString();
    }
}
