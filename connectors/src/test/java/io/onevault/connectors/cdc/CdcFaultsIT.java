package io.onevault.connectors.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.embedded.postgres.PostgresServer;
import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that may break, in an order that a seed decides; then nothing may be missing and
 * nothing may be there twice. At no time may the slot be confirmed beyond the oldest checkpoint
 * that is kept, from which the job goes on in the end.
 */
class CdcFaultsIT {

    private static final Logger LOG = LoggerFactory.getLogger(CdcFaultsIT.class);
    private static final int RETAINED = 3;
    private static final String DATABASE = "faults";
    private static final String SEED = "cdc.faults.seed";

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .setConfiguration(retaining())
                            .build());

    private enum Fault {
        TASK_FAILS,
        TASK_FAILS_BETWEEN_COMPLETION_AND_NOTIFICATION,
        CHECKPOINTS_FAIL,
        SENDER_ENDED,
        EVERY_SESSION_ENDED,
        SERVER_RESTARTED,
        SERVER_CRASHES,
        TASK_MANAGER_DIES
    }

    @TempDir Path folder;

    private static Configuration retaining() {
        Configuration configuration = new Configuration();
        configuration.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, RETAINED);
        return configuration;
    }

    @Test
    void losesAndDoublesNothing(@InjectMiniCluster MiniCluster cluster) throws Exception {
        long seed = Long.getLong(SEED, System.nanoTime());
        String as = "-D%s=%d".formatted(SEED, seed);
        LOG.warn("to repeat this schedule run with {}", as);
        Random random = new Random(seed);
        List<Fault> schedule = new ArrayList<>(List.of(Fault.values()));
        schedule.add(Fault.TASK_FAILS_BETWEEN_COMPLETION_AND_NOTIFICATION);
        schedule.add(Fault.TASK_FAILS_BETWEEN_COMPLETION_AND_NOTIFICATION);
        Collections.shuffle(schedule, random);
        Configuration checkpoints = new Configuration();
        checkpoints.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        checkpoints.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, folder.toUri().toString());
        checkpoints.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        checkpoints.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, 1_000);
        try (PostgresServer server = PostgresServer.startLatest();
                Ledger ledger = new Ledger(server, DATABASE, seed)) {
            PostgresCdcSource source =
                    CdcJob.source(server, DATABASE, Ledger.TABLE)
                            .confirmBehind(RETAINED - 1)
                            .build();
            try (CdcJob job = CdcJob.start(source, Duration.ofMillis(100), checkpoints)) {
                assertThat(job).isNotNull();
                Until.holds("streaming", () -> Ledger.streamed() > 100);
                for (Fault fault : schedule) {
                    LOG.warn("{}", fault);
                    happen(fault, server, cluster);
                    assertNothingConfirmedTooFar(server, as + " " + fault);
                    long before = Ledger.streamed();
                    Until.holds(
                            "streaming after " + fault + " " + as,
                            () -> Ledger.streamed() > before + 50);
                    assertNothingConfirmedTooFar(server, as + " after " + fault);
                }
            }
            assertNothingConfirmedTooFar(server, as + " at the end");
            List<Path> kept = RetainedCheckpoints.in(folder);
            assertThat(kept).hasSizeGreaterThanOrEqualTo(RETAINED);
            assertThat(RetainedCheckpoints.splits(kept.get(0)))
                    .hasSize(1)
                    .allMatch(split -> split.position().isStreaming());
            LOG.warn("restored from {}", kept.get(0));
            try (CdcJob job =
                    CdcJob.restore(
                            source, Duration.ofMillis(100), kept.get(0).toUri().toString())) {
                assertThat(job).isNotNull();
                ledger.finishAndCompare(as);
            }
            assertThat(
                            CdcJob.records().stream()
                                    .filter(record -> record.gap() != null)
                                    .map(record -> record.gap().reason()))
                    .as(as)
                    .allMatch(reason -> reason.equals("UNREACHABLE"));
        }
    }

    private static void happen(Fault fault, PostgresServer server, MiniCluster cluster)
            throws Exception {
        int starts = CdcJob.starts();
        switch (fault) {
            case TASK_FAILS -> CdcJob.failNext();
            case TASK_FAILS_BETWEEN_COMPLETION_AND_NOTIFICATION -> CdcJob.failAtNotification();
            case CHECKPOINTS_FAIL -> {
                CdcJob.failCheckpoints(5);
                Until.holds("failed checkpoints", () -> CdcJob.checkpointsToFail() == 0);
                return;
            }
            case SENDER_ENDED -> {
                server.execute(
                        DATABASE,
                        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots");
                return;
            }
            case EVERY_SESSION_ENDED -> {
                server.execute(
                        DATABASE,
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                + " WHERE pid <> pg_backend_pid() AND datname = '"
                                + DATABASE
                                + "'");
                return;
            }
            case SERVER_RESTARTED -> {
                server.restart();
                return;
            }
            case SERVER_CRASHES -> {
                server.crash();
                server.start();
                return;
            }
            case TASK_MANAGER_DIES -> {
                cluster.terminateTaskManager(0).get();
                cluster.startTaskManager();
            }
        }
        Until.holds("the restart after " + fault, () -> CdcJob.starts() > starts);
    }

    /** Asked in this order: what is kept only moves on. */
    private void assertNothingConfirmedTooFar(PostgresServer server, String as) throws Exception {
        long confirmed = confirmed(server);
        List<Path> kept = new ArrayList<>(RetainedCheckpoints.in(folder));
        for (Path checkpoint : kept) {
            try {
                for (CdcSplit split : RetainedCheckpoints.splits(checkpoint)) {
                    if (split.position().isStreaming()) {
                        assertThat(split.position().commitLsn())
                                .as("%s: %s", as, checkpoint.getFileName())
                                .isGreaterThanOrEqualTo(confirmed);
                    }
                }
            } catch (FileNotFoundException | NoSuchFileException e) {
                assertThat(Files.exists(checkpoint.resolve("_metadata"))).isFalse();
            }
        }
    }

    private static long confirmed(PostgresServer server) throws SQLException {
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT (confirmed_flush_lsn - '0/0'::pg_lsn)::bigint"
                                        + " FROM pg_replication_slots")) {
            row.next();
            return row.getLong(1);
        }
    }
}
