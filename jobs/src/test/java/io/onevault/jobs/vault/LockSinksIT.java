package io.onevault.jobs.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.LockWait;
import io.onevault.jobs.locks.resolution.LockResolution;
import io.onevault.jobs.testing.TestVault;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All four sinks at once, whose links make each other's hubs. */
class LockSinksIT {

    @RegisterExtension
    static final MiniClusterExtension FLINK =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    @Test
    void findingsOfAllKindsLandWithTheirLinks() throws Exception {
        long t0 = Instant.now().minusSeconds(120).toEpochMilli() * 1_000;
        List<Object> findings = LockFindings.episodes(t0, new Random(9));
        try (TestVault vault = TestVault.start()) {
            StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
            env.setParallelism(1);
            LockSinks sinks =
                    new LockSinks(
                            new VaultFindingSinks(
                                    VaultOptions.of(
                                            vault.jdbcUrl(), "pipeline", Secret.of("secret"))),
                            new Pseudonyms(Secret.of("k3y"), false));
            sinks.blocking(
                    stream(env, findings, LockWait.class),
                    stream(env, findings, BlockingIncident.class));
            sinks.deadlocks(stream(env, findings, DeadlockEvent.class));
            sinks.resolutions(stream(env, findings, LockResolution.class));

            assertThat(env.getStreamGraph(false).getStreamNodes())
                    .extracting(StreamNode::getTransformationUID)
                    .contains(
                            "vault-lock_activity_s",
                            "vault-blocking_session_s",
                            "vault-deadlock_event_s",
                            "vault-lock_resolution_s");
            env.executeAsync().getJobExecutionResult().get(60, TimeUnit.SECONDS);

            assertThat(
                            vault.text(
                                    """
                                    SELECT concat_ws(' ',
                                        (SELECT count(*) FROM lock_monitoring.lock_activity_h),
                                        (SELECT count(*) FROM lock_monitoring.blocking_session_h),
                                        (SELECT count(*) FROM lock_monitoring.deadlock_event_h),
                                        (SELECT count(*) FROM lock_monitoring.lock_resolution_h),
                                        (SELECT count(*) FROM lock_monitoring.lock_blocking_l),
                                        (SELECT count(*) FROM lock_monitoring.deadlock_lock_l),
                                        (SELECT count(*) FROM lock_monitoring.blocking_resolution_l),
                                        (SELECT count(*) FROM monitoring.dead_letter))
                                    """))
                    .isEqualTo("40 20 20 20 40 20 20 0");
            assertThat(
                            vault.text(
                                    """
                                    SELECT count(*) FROM lock_monitoring.blocking_session_h
                                    WHERE tenant_hk IN (util.hash_binary('acme'), util.hash_binary('umbrella'))
                                    """))
                    .as("hubs that a link may have made have the tenants that all their rows name")
                    .isEqualTo(String.valueOf(incidentsOfOneTenant(findings)));
        }
    }

    private static long incidentsOfOneTenant(List<Object> findings) {
        Map<String, Set<String>> tenants = new HashMap<>();
        for (Object finding : findings) {
            if (finding instanceof BlockingIncident incident) {
                tenants.computeIfAbsent(incident.key(), key -> new HashSet<>())
                        .add(incident.tenant());
            }
        }
        long found =
                tenants.values().stream().filter(t -> t.size() == 1 && !t.contains("")).count();
        assertThat(found).isBetween(1L, tenants.size() - 1L);
        return found;
    }

    private static <T> DataStream<T> stream(
            StreamExecutionEnvironment env, List<Object> findings, Class<T> kind) {
        return env.fromData(
                findings.stream().filter(kind::isInstance).map(kind::cast).toList(),
                TypeInformation.of(kind));
    }
}
