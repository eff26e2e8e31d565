package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.PollResult;
import io.onevault.embedded.postgres.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

/** The source as a job uses it, from end to end. */
class PollingSourceIT {

    @Test
    void looksOnceAtAServer() throws Exception {
        PostgresServer server = Servers.version(PostgresServer.LATEST_VERSION);
        PollingSource source =
                PollingSource.builder()
                        .target(Servers.target("t", server).hostMetrics(true).build())
                        .maxRuns(1)
                        .build();
        List<PollResult> results = new ArrayList<>();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        try (var collected =
                env.fromSource(
                                source,
                                PollingSource.watermarks(Duration.ofSeconds(5)),
                                "poll-servers")
                        .uid("polling")
                        .executeAndCollect()) {
            collected.forEachRemaining(results::add);
        }
        assertThat(results).extracting(PollResult::gap).containsOnlyNulls();
        assertThat(results)
                .extracting(PollResult::poll)
                .contains("activity", "database", "target", "host");
    }
}
