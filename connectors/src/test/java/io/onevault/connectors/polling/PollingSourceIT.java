package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PollingSourceIT {

    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.startLatest();
        server.execute("postgres", "CREATE ROLE collector LOGIN", "GRANT pg_monitor TO collector");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void looksOnceAtAServer() throws Exception {
        PollingSource source =
                PollingSource.builder()
                        .target(
                                PollTarget.postgres(
                                                "t",
                                                server.jdbcUrl("postgres"),
                                                "collector",
                                                Secret.NONE)
                                        .hostMetrics(true)
                                        .build())
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
