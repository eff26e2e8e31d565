package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.cdc.PostgresCdcSource;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.rules.RuleTables;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.metrics.MetricWindow;
import io.onevault.jobs.metrics.MetricsJob;
import io.onevault.jobs.metrics.WindowSettings;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * From polls over windows and what is usual to an alert of the vault's own rule; three weeks of
 * polls come within seconds, everything else is as in the job.
 */
class AnomalyAlertsIT {

    private static final long MINUTE = 60_000;
    private static final int HISTORY = 22 * 24 * 12;

    /** More than three weeks ago, on the hour. */
    private static final long T0 =
            Math.floorDiv(System.currentTimeMillis() - Duration.ofDays(23).toMillis(), 3_600_000)
                    * 3_600_000;

    private static final String SERIES =
            new SeriesId("shop", "", "active_connections", Map.of()).text();

    private static final String COMMITS =
            new SeriesId("shop", "", "xact_commit", Map.of("database", "orders")).text();

    @TempDir static Path work;

    private static TestVault vault;
    private static LocalFlink flink;

    /** How it is with the server; written by the test, read by the source. */
    private static volatile boolean trouble;

    /** Until now; the source alone counts. */
    private static volatile double committed;

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.start();
        vault.execute(
                "INSERT INTO monitoring.alert_configuration_h (alert_configuration_hk,"
                        + " alert_configuration_bk) VALUES ('\\x01', 'seen')",
                "INSERT INTO monitoring.alert_configuration_s (alert_configuration_hk, hash_diff,"
                        + " alert_name, metric_pattern, warning_threshold) VALUES ('\\x01',"
                        + " '\\x01', 'seen', 'active_connections', 0)");
        vault.hearRules();
        flink = LocalFlink.start(work);
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
        vault.close();
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void theDefaultRulesFireOnWhatIsUnusualAndClearWithIt() throws Exception {
        JobID job = flink.submit(compose());
        vault.await(
                "the rules, and three weeks of ratings",
                "SELECT EXISTS (SELECT FROM open_alerts WHERE rule_name = 'seen') AND count(*) > 0"
                        + " FROM performance_metric_s WHERE metric_name = 'active_connections' AND"
                        + " load_date > to_timestamp("
                        + (T0 / 1_000 + HISTORY * 300L)
                        + ")");
        assertThat(
                        vault.holds(
                                "SELECT count(*) > 100 AND NOT bool_or(is_anomaly) AND"
                                    + " bool_and(abs(metric_value - baseline_value) < 5 AND"
                                    + " abs(deviation_score) < 6 AND performance_rating IN ('GOOD',"
                                    + " 'FAIR', 'EXCELLENT')) FROM performance_metric_s WHERE"
                                    + " metric_name = 'active_connections'"))
                .as("days and nights are as they always are")
                .isTrue();
        assertThat(
                        vault.holds(
                                "SELECT count(*) = 0 FROM alert_instance_s WHERE additional_context"
                                        + " ->> 'rule_name' LIKE '% usual'"))
                .isTrue();

        // Less than the thresholds of the metric, but in busy hours.
        trouble = true;
        vault.await(
                "the alert",
                "SELECT count(*) = 1 FROM open_alerts WHERE rule_name = 'sessions far above usual'"
                    + " AND status = 'FIRING' AND severity = 'WARNING' AND value >= 6 AND unit ="
                    + " 'deviations' AND message LIKE 'active_connections on shop is % deviations"
                    + " from what is usual, warning from 6: % connections, usually %'");
        vault.await(
                "the other alert",
                "SELECT count(*) = 1 FROM open_alerts WHERE rule_name = 'work far below usual' AND"
                    + " status = 'FIRING' AND severity = 'WARNING' AND value <= -6 AND message LIKE"
                    + " 'xact_commit (database=orders) on shop is % deviations%'");
        trouble = false;
        vault.await(
                "their end",
                "SELECT count(*) = 2 FROM alert_instance_s WHERE load_end_date IS NULL AND"
                        + " alert_status = 'RESOLVED' AND additional_context ->> 'rule_name' IN"
                        + " ('sessions far above usual', 'work far below usual') AND"
                        + " additional_context ->> 'end_reason' LIKE 'in order again: %'");
        vault.await(
                "the finding with its score",
                "SELECT count(*) > 0 FROM performance_metric_s WHERE is_anomaly AND"
                        + " deviation_score > 6 AND metric_value > baseline_value + 20 AND"
                        + " performance_rating IN ('POOR', 'CRITICAL')");
        flink.cancel(job);
        assertThat(vault.holds("SELECT count(*) = 0 FROM dead_letter")).isTrue();
    }

    private static StreamExecutionEnvironment compose() {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.enableCheckpointing(1_000);
        VaultFindingSinks sinks =
                new VaultFindingSinks(
                        VaultOptions.of(vault.jdbcUrl(), "pipeline", Secret.of("secret")));
        PollCatalogue catalogue = PollCatalogue.load();
        Map<String, Duration> intervals =
                Map.of(
                        "active_connections",
                        Duration.ofMinutes(5),
                        "xact_commit",
                        // Of looks that come sooner no rate is made.
                        Duration.ofSeconds(10));
        DataStream<PollResult> polled = polled(env);
        DataStream<Sample> samples = MetricsJob.samples(polled);
        DataStream<CdcRecord> changes =
                PostgresCdcSource.builder("vault", vault.jdbcUrl(), "pipeline", Secret.of("secret"))
                        .slot("onevault_rules")
                        .publication("onevault_rules")
                        .tables(RuleTables.HEARD)
                        .build()
                        .addTo(env, "vault-changes");
        DataStream<RuleUpdate> rules = RulesJob.defineWorkflow(changes, sinks);
        WindowSettings settings = WindowSettings.DEFAULT;
        DataStream<MetricWindow> windows =
                MetricsJob.defineWorkflow(
                        polled, samples, settings, catalogue, intervals, rules, sinks);
        DataStream<LiveValue> deviations =
                MetricsJob.deviations(
                        windows, settings, ZoneOffset.UTC, catalogue, intervals, sinks);
        AlertsJob.defineWorkflow(
                MetricsJob.liveValues(samples, settings, catalogue, intervals),
                List.of(deviations),
                rules,
                changes,
                LifecycleSettings.DEFAULT,
                MetricsJob.definitions(catalogue),
                intervals,
                Duration.ZERO,
                sinks);
        return env;
    }

    /** Every five minutes for three weeks, and from then on every ten seconds. */
    private static DataStream<PollResult> polled(StreamExecutionEnvironment env) {
        return env.fromSource(
                        new DataGeneratorSource<>(
                                AnomalyAlertsIT::look,
                                Long.MAX_VALUE,
                                RateLimiterStrategy.perSecond(500),
                                TypeInformation.of(PollResult.class)),
                        WatermarkStrategy.<PollResult>forMonotonousTimestamps()
                                .withTimestampAssigner((result, time) -> result.timestamp()),
                        "polls")
                .setParallelism(1)
                .uid("polls");
    }

    private static PollResult look(long index) {
        long time =
                index < HISTORY
                        ? T0 + index * 5 * MINUTE
                        : T0 + HISTORY * 5 * MINUTE + (index - HISTORY) * MINUTE / 6;
        long hour = time / 3_600_000 % 24;
        double noise = index * 7 % 5 - 2;
        double usual = (hour >= 8 && hour < 18 ? 40 : 10) + noise;
        double each = trouble ? 1 : 10 * (usual - noise) + noise;
        committed += each * (index <= HISTORY ? 5 * MINUTE : MINUTE / 6) / 1_000;
        return new PollResult(
                "shop",
                "activity",
                time,
                1,
                List.of(
                        Sample.gauge(SERIES, time, trouble ? usual + 60 : usual),
                        new Sample(COMMITS, time, committed, 1, T0)),
                List.of(),
                null);
    }
}
