package io.onevault.connectors.cdc;

import io.onevault.embedded.postgres.PostgresServer;
import java.time.Duration;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * On every version but the newest, which {@link CdcFaultsIT} uses: what arrives equals the ledger
 * that the writers keep, though the task fails and the session is ended meanwhile.
 */
class CdcExactnessIT {

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    private static final long SEED = 20_260_726L;
    private static final String DATABASE = "ledger_test";

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 16, 17})
    void deliversEveryChangeOnce(int version) throws Exception {
        try (PostgresServer server = PostgresServer.builder(version).start();
                Ledger ledger = new Ledger(server, DATABASE, SEED);
                CdcJob job =
                        CdcJob.start(
                                CdcJob.source(server, DATABASE, Ledger.TABLE).build(),
                                Duration.ofMillis(300))) {
            Until.holds("streaming", () -> Ledger.streamed() > 100);
            Until.holds("a checkpoint", () -> CdcJob.completedCheckpoints() > 2);
            CdcJob.failNext();
            Until.holds("the restart", () -> CdcJob.starts() == 2);
            long before = Ledger.streamed();
            Until.holds("streaming again", () -> Ledger.streamed() > before + 100);
            server.execute(
                    DATABASE, "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots");
            long cut = Ledger.streamed();
            Until.holds("streaming after that", () -> Ledger.streamed() > cut + 100);
            ledger.finishAndCompare("version " + version + " of job " + job.id());
        }
    }
}
