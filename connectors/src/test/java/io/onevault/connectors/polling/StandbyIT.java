package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import io.onevault.embedded.postgres.PostgresServer;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandbyIT {

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void everyPollRunsInRecovery(int version) throws Exception {
        try (PostgresServer server = Servers.start(version)) {
            server.stop();
            Files.createFile(server.directory().resolve("data").resolve("standby.signal"));
            server.start();
            PostgresExecutor executor = CatalogueIT.executor(Servers.target("t", server).build());
            Map<String, Double> values = new HashMap<>();
            for (Poll poll : PollCatalogue.load().polls()) {
                if (poll.source() == PollTarget.Kind.POSTGRES
                        && poll.variant(version).isPresent()) {
                    for (Sample sample : executor.execute(poll).samples()) {
                        values.put(SeriesId.parse(sample.series()).metric(), sample.value());
                    }
                }
            }
            executor.disconnect();
            assertThat(values)
                    .containsEntry("server_in_recovery", 1.0)
                    .containsEntry("standby_receiving", 0.0)
                    .containsKeys("xid_age", "slots_total", "database_size_bytes", "wal_files");
        }
    }
}
