package io.onevault.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.polling.Poll;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.connectors.polling.PollTarget;
import io.onevault.connectors.polling.PollingOptions;
import io.onevault.connectors.polling.PollingSource;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.collection.CollectionJob;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics capability from a watched server to the vault, every part real. */
class MetricsJobIT {

    private static final Duration FREQUENTLY = Duration.ofMillis(300);
    private static final Set<String> FREQUENT = Set.of("activity", "database", "target");

    @TempDir static Path work;

    private static TestVault vault;
    private static PostgresServer first;
    private static PostgresServer second;
    private static LocalFlink flink;

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.start();
        first = watched(PostgresServer.LATEST_VERSION);
        second = watched(14);
        flink = LocalFlink.start(work);
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
        first.close();
        second.close();
        vault.close();
    }

    @Test
    void windowsOfTwoServersReachTheVaultWhileOneOfThemIsAway() throws Exception {
        JobID job = flink.submit(compose());
        vault.await("both servers", "SELECT count(DISTINCT target_name) = 2 FROM system_health_s");
        vault.await(
                "rates of a counter",
                "SELECT count(*) > 1 FROM system_health_s WHERE metric_name = 'xact_commit'"
                        + " AND metric_value >= 0 AND revision > 0");
        vault.await(
                "the pipeline's own lag",
                "SELECT bool_and(metric_value BETWEEN 0 AND 60000) FROM system_health_s WHERE"
                        + " metric_name = 'pipeline_lag_ms'");
        first.stop();
        vault.await(
                "the server being down",
                "SELECT count(*) > 1 FROM system_health_s WHERE target_name = 'first' AND"
                        + " metric_name = 'target_up' AND value_min = 0 AND status = 'CRITICAL'");
        // Ten minutes on a scale of one to ten.
        vault.await(
                "a minute of it being down",
                "SELECT max(load_date) - min(load_date) >= INTERVAL '1 minute' FROM system_health_s"
                    + " WHERE target_name = 'first' AND metric_name = 'target_up' AND value_last ="
                    + " 0");
        assertThat(
                        vault.holds(
                                "SELECT count(*) > 0 FROM collection_gap_s WHERE target_name ="
                                        + " 'first'"))
                .isTrue();
        long windowsOfOther =
                vault.number("SELECT count(*) FROM system_health_s WHERE target_name = 'second'");
        vault.await(
                "further windows of the other server",
                "SELECT count(*) > "
                        + windowsOfOther
                        + " FROM system_health_s WHERE target_name = 'second'");
        first.start();
        vault.await(
                "its recovery",
                "SELECT bool_or(value_last = 1 AND load_date > (SELECT max(load_date) FROM"
                        + " system_health_s WHERE target_name = 'first' AND metric_name ="
                        + " 'target_up' AND value_last = 0)) FROM system_health_s WHERE target_name"
                        + " = 'first' AND metric_name = 'target_up'");
        flink.drain(job, 60);

        assertThat(
                        vault.holds(
                                "SELECT count(*) = 0 FROM system_health_s WHERE metric_name ="
                                        + " 'xact_commit' AND value_min < 0"))
                .isTrue();
        assertThat(
                        vault.holds(
                                "SELECT count(*) = (SELECT count(*) FROM (SELECT health_metric_hk"
                                        + " FROM system_health_s GROUP BY 1) h) FROM"
                                        + " system_health_s WHERE load_end_date IS NULL"))
                .as("one open row for each series")
                .isTrue();
        assertThat(vault.text("SELECT min(relation || ': ' || reason) FROM dead_letter"))
                .isEqualTo("null");
        assertThat(vault.number("SELECT count(*) FROM system_health_hourly_s"))
                .as("hours closed by the drain")
                .isGreaterThan(5);
    }

    private static StreamExecutionEnvironment compose() {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.enableCheckpointing(500);
        PollCatalogue catalogue = PollCatalogue.load();
        PollingSource source =
                PollingSource.builder()
                        .targets(List.of(target("first", first), target("second", second)))
                        .catalogue(catalogue)
                        // On the outage's scale.
                        .options(
                                PollingOptions.DEFAULT.withBackoff(
                                        Duration.ofMillis(100), Duration.ofSeconds(3)))
                        .interval("activity", FREQUENTLY)
                        .interval("database", FREQUENTLY)
                        .interval("target", FREQUENTLY)
                        .build();
        Map<String, Duration> intervals = new HashMap<>();
        for (Poll poll : catalogue.polls()) {
            Duration interval = FREQUENT.contains(poll.name()) ? FREQUENTLY : poll.interval();
            poll.metrics().keySet().forEach(metric -> intervals.put(metric, interval));
        }
        DataStream<PollResult> polled =
                env.fromSource(
                                source,
                                PollingSource.watermarks(Duration.ofSeconds(1)),
                                "polling-source")
                        .uid("polling-source");
        VaultFindingSinks sinks =
                new VaultFindingSinks(
                        VaultOptions.of(vault.jdbcUrl(), "pipeline", Secret.of("secret")));
        CollectionJob.defineWorkflow(List.of(polled), List.of(), List.of(), sinks);
        MetricsJob.defineWorkflow(
                polled,
                new WindowSettings(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(5)),
                catalogue,
                intervals,
                null,
                sinks);
        return env;
    }

    private static PollTarget target(String name, PostgresServer server) {
        return PollTarget.postgres(
                        name, server.jdbcUrl("postgres"), "collector", Secret.of("secret"))
                .build();
    }

    private static PostgresServer watched(int version) {
        PostgresServer server = PostgresServer.builder(version).start();
        server.execute(
                "postgres",
                "CREATE EXTENSION pg_stat_statements",
                "CREATE ROLE collector LOGIN PASSWORD 'secret' IN ROLE pg_monitor");
        return server;
    }
}
