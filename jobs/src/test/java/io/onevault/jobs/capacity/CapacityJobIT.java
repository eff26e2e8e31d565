package io.onevault.jobs.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.polling.Poll;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.connectors.polling.PollTarget;
import io.onevault.connectors.polling.PollingSource;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultWriter;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.forecasting.ForecastOptions;
import io.onevault.forecasting.ForecastResult;
import io.onevault.forecasting.Forecaster;
import io.onevault.forecasting.series.TimeSeries;
import io.onevault.jobs.capacity.forecast.ConnectionPlan;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.metrics.MetricWindow;
import io.onevault.jobs.metrics.MetricsJob;
import io.onevault.jobs.metrics.WindowSettings;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import io.onevault.jobs.vault.MetricWindowRows;
import io.onevault.jobs.vault.ResourceUtilizationRows;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Forecasts of a watched server, from what the vault remembers and what is measured, back into the
 * vault; the vault is away when the job starts, and the job fails in the middle of the past.
 */
class CapacityJobIT {

    private static final long HOUR = 3_600_000L;
    private static final long DAY = 24 * HOUR;
    private static final int DAYS = 200;
    private static final int DAYS_OF_ROLL_UPS = 60;

    /** So many days ago. */
    private static final int BUSIEST_DAY = 20;

    private static final Duration FREQUENTLY = Duration.ofMillis(300);

    /** Guards the failure that is yet to be. */
    private static final AtomicInteger STATES_UNTIL_FAILURE = new AtomicInteger();

    @TempDir static Path work;

    private static TestVault vault;
    private static PostgresServer watched;
    private static LocalFlink flink;

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.start();
        watched = PostgresServer.startLatest();
        watched.createDatabase("app");
        watched.execute(
                "postgres",
                "CREATE EXTENSION pg_stat_statements",
                "CREATE ROLE collector LOGIN PASSWORD 'secret' IN ROLE pg_monitor");
        flink = LocalFlink.start(work);
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
        watched.close();
        vault.close();
    }

    @Test
    void pastAndPresentAreOneHistoryWithoutGapOrDouble() throws Exception {
        // The past ends with yesterday, so that today is all of the job's own making.
        long today = Math.floorDiv(System.currentTimeMillis(), DAY) * DAY;
        String app = remember("database_size_bytes", Map.of("database", "app"), Double.NaN, today);
        String disk = remember("disk_used_bytes", Map.of(), 3_000, today);
        rememberConnections(today);
        vault.server().stop();
        STATES_UNTIL_FAILURE.set(300);
        JobID job = flink.submit(compose());
        Until.holds(
                "the server is watched",
                () ->
                        ofWatched(
                                        "SELECT count(*) > 0 FROM pg_stat_activity WHERE usename ="
                                                + " 'collector'")
                                .equals("t"));
        vault.server().start();
        vault.await(
                "a forecast from past and present",
                "SELECT count(*) > 2 FROM capacity_planning.capacity_forecast_s s"
                        + " WHERE capacity_forecast_hk = util.hash_binary('"
                        + app
                        + "') AND forecast_timestamp > now() - INTERVAL '1 hour'");
        vault.await(
                "a forecast of connections",
                "SELECT count(*) > 0 FROM capacity_planning.connection_scaling WHERE"
                        + " forecast_timestamp > now() - INTERVAL '1 hour'");
        assertThat(STATES_UNTIL_FAILURE).as("the failure came").hasNegativeValue();
        flink.cancel(job);

        assertThat(
                        vault.text(
                                "SELECT observation_count || ' days, ' || gap_count || ' gaps' FROM"
                                        + " growth_pattern_s WHERE load_end_date IS NULL AND"
                                        + " growth_pattern_hk = util.hash_binary('"
                                        + app
                                        + "')"))
                .isEqualTo((DAYS + 1) + " days, 0 gaps");
        assertThat(
                        vault.text(
                                "SELECT max_capacity IS NULL AND reaches_capacity IS NULL AND"
                                    + " current_usage > 1e6 AND recommended_action LIKE 'No limit"
                                    + " is known%' FROM capacity_forecast_s WHERE load_end_date IS"
                                    + " NULL AND capacity_forecast_hk = util.hash_binary('"
                                        + app
                                        + "')"))
                .isEqualTo("t");
        String open =
                ofWatched(
                        "SELECT current_setting('max_connections')::int -"
                                + " current_setting('superuser_reserved_connections')::int -"
                                + " current_setting('reserved_connections')::int");
        assertThat(
                        vault.text(
                                "SELECT DISTINCT resource_type || ' of ' || round(max_capacity)"
                                        + " FROM resource_utilization_s WHERE max_capacity > 0"
                                        + " AND utilization_percentage > 0 AND"
                                        + " resource_utilization_hk ="
                                        + " util.hash_binary('prod||total_connections')"))
                .isEqualTo("CONNECTIONS of " + open);
        assertConnectionsAreAdvisedFromWhatTheMetricsTell();
        assertSaysWhatTheLibrarySays(disk);
        assertThat(
                        vault.text(
                                "SELECT count(*) FROM forecast_utilization_l JOIN"
                                    + " capacity_forecast_h USING (capacity_forecast_hk) JOIN"
                                    + " resource_utilization_h USING (resource_utilization_hk) JOIN"
                                    + " pattern_forecast_l USING (capacity_forecast_hk) JOIN"
                                    + " growth_pattern_h USING (growth_pattern_hk)"))
                .isEqualTo(vault.text("SELECT count(*) FROM capacity_forecast_h"));
        assertThat(vault.text("SELECT min(relation || ': ' || reason) FROM monitoring.dead_letter"))
                .isEqualTo("null");
        assertThat(
                        vault.text(
                                "SELECT count(*) > 0 AND bool_and(tenant IS NULL) FROM"
                                        + " growth_forecast_summary"))
                .isEqualTo("t");
    }

    /** Nobody watched their capacity; the roll-ups of the metrics are their past. */
    private static void assertConnectionsAreAdvisedFromWhatTheMetricsTell() throws SQLException {
        assertThat(
                        vault.text(
                                "SELECT observation_count || ' days, ' || gap_count || ' gaps' FROM"
                                        + " growth_pattern_s WHERE load_end_date IS NULL AND"
                                        + " growth_pattern_hk ="
                                        + " util.hash_binary('prod||total_connections')"))
                .isEqualTo((DAYS_OF_ROLL_UPS + 14) + " days, 0 gaps");
        assertThat(
                        vault.text(
                                "SELECT string_agg(option_name, ', ' ORDER BY option_rank) FROM"
                                        + " connection_scaling"))
                .startsWith("as it is, larger pools")
                .as("what executes was not seen for a day yet")
                .doesNotContain("pgbouncer");
        assertThat(
                        vault.text(
                                "SELECT recommended_action || ' ' || users FROM connection_scaling"
                                        + " WHERE option_name = 'as it is'"))
                .contains("2 pods x 10 connections = 20 against ")
                // 20 connections at 100 users for each 50 of the busiest day, of which the
                // resource's own rows have one quiet hour.
                .endsWith(" 40");
    }

    /** A value a day, and for the two latest weeks one of an hour of each day. */
    private static void rememberConnections(long today) throws SQLException {
        String metric = "total_connections";
        List<VaultRow> days = new ArrayList<>();
        List<VaultRow> hours = new ArrayList<>();
        for (int day = 1; day <= DAYS_OF_ROLL_UPS + 14; day++) {
            boolean hourly = day <= 14;
            int highest = day == BUSIEST_DAY ? 50 : 40;
            long start = today - day * DAY + (hourly ? 9 * HOUR : 0);
            (hourly ? hours : days)
                    .add(
                            MetricWindowRows.row(
                                    new MetricWindow(
                                            new SeriesId("prod", "", metric, Map.of()).text(),
                                            "prod",
                                            "",
                                            metric,
                                            Map.of(),
                                            "PERFORMANCE",
                                            "connections",
                                            start,
                                            hourly ? 3_600 : 86_400,
                                            60,
                                            0,
                                            10,
                                            highest,
                                            20,
                                            12,
                                            20,
                                            38,
                                            40,
                                            "NORMAL",
                                            Double.NaN,
                                            Double.NaN,
                                            start + HOUR,
                                            "",
                                            0)));
        }
        try (Connection connection = vault.connect()) {
            new VaultWriter(MetricWindowRows.DAYS, connection).write(days);
            new VaultWriter(MetricWindowRows.HOURS, connection).write(hours);
            new VaultWriter(ResourceUtilizationRows.TABLE, connection)
                    .write(List.of(quietHour(metric, today - BUSIEST_DAY * DAY + 10 * HOUR)));
        }
    }

    /** Somebody watched capacity for an hour of that day. */
    private static VaultRow quietHour(String metric, long end) {
        return ResourceUtilizationRows.row(
                new ResourceUtilization(
                        new SeriesId("prod", "", metric, Map.of()).text(),
                        "prod",
                        "",
                        "CONNECTIONS",
                        "prod",
                        "connections",
                        "",
                        "",
                        Map.of(),
                        end - HOUR,
                        3_600,
                        60,
                        15,
                        97,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN,
                        null,
                        null,
                        Double.NaN,
                        "POLLING"));
    }

    /** The disk is not measured any more, so that its numbers are known. */
    private static void assertSaysWhatTheLibrarySays(String series) throws SQLException {
        double[] values = new double[DAYS];
        for (int day = 0; day < DAYS; day++) {
            values[day] = use(day);
        }
        ForecastResult library =
                new Forecaster()
                        .forecast(
                                TimeSeries.ofValues(values),
                                ForecastOptions.ofHorizon(90).withPath(365).withCapacity(3_000));
        String[] row =
                vault.text(
                                "SELECT projected_usage_30d || ' ' || projected_usage_90d_hi95 || '"
                                    + " ' || extract(EPOCH FROM time_to_capacity) / 86400 || ' ' ||"
                                    + " confidence_level || ' ' || count(*) OVER () FROM"
                                    + " capacity_forecast_s WHERE capacity_forecast_hk ="
                                    + " util.hash_binary('"
                                        + series
                                        + "')")
                        .split(" ");
        assertThat(Double.parseDouble(row[0])).isCloseTo(library.at(30).mean(), within(1e-9));
        assertThat(Double.parseDouble(row[1])).isCloseTo(library.at(90).hi95(), within(1e-9));
        assertThat(Double.parseDouble(row[2]))
                .isEqualTo(library.timeToCapacity().orElseThrow().median().orElseThrow());
        assertThat(Double.parseDouble(row[3]))
                .isCloseTo(100 * library.confidenceLevel(), within(1e-9));
        assertThat(row[4]).as("one forecast of one past").isEqualTo("1");
    }

    private static double use(int day) {
        return 1_000 + 7 * day + (day % 7 == 0 ? 20 : 0);
    }

    /** Writes the past as an earlier job did: by the hour. */
    private static String remember(
            String metric, Map<String, String> labels, double capacity, long until)
            throws SQLException {
        String series = new SeriesId("prod", "", metric, labels).text();
        List<VaultRow> rows = new ArrayList<>();
        for (int day = 0; day < DAYS; day++) {
            for (int hour = 0; hour < 24; hour += 8) {
                long end = until - (DAYS - day) * DAY + (hour + 8) * HOUR;
                rows.add(
                        ResourceUtilizationRows.row(
                                new ResourceUtilization(
                                        series,
                                        "prod",
                                        "",
                                        "STORAGE",
                                        metric,
                                        "bytes",
                                        "",
                                        "",
                                        labels,
                                        end - HOUR,
                                        3_600,
                                        60,
                                        use(day) - (16 - hour) / 8.0,
                                        capacity,
                                        Double.NaN,
                                        Double.NaN,
                                        Double.NaN,
                                        Double.NaN,
                                        null,
                                        null,
                                        Double.NaN,
                                        "POLLING")));
            }
        }
        try (Connection connection = vault.connect()) {
            new VaultWriter(ResourceUtilizationRows.TABLE, connection).write(rows);
        }
        return series;
    }

    private static StreamExecutionEnvironment compose() {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        // One for the failure that is made; a vault that is away is none.
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.enableCheckpointing(300);
        PollCatalogue catalogue = PollCatalogue.load();
        DataStream<PollResult> polled =
                env.fromSource(
                                PollingSource.builder()
                                        .target(
                                                PollTarget.postgres(
                                                                "prod",
                                                                watched.jdbcUrl("postgres"),
                                                                "collector",
                                                                Secret.of("secret"))
                                                        .build())
                                        .catalogue(catalogue)
                                        .interval("activity", FREQUENTLY)
                                        .interval("database", FREQUENTLY)
                                        .interval("target", FREQUENTLY)
                                        .build(),
                                PollingSource.watermarks(Duration.ofSeconds(1)),
                                "polling-source")
                        .uid("polling-source");
        Map<String, Duration> intervals = new HashMap<>();
        for (Poll poll : catalogue.polls()) {
            poll.metrics().keySet().forEach(metric -> intervals.put(metric, poll.interval()));
        }
        VaultOptions options = VaultOptions.of(vault.jdbcUrl(), "pipeline", Secret.of("secret"));
        VaultFindingSinks sinks = new VaultFindingSinks(options);
        Duration second = Duration.ofSeconds(1);
        DataStream<MetricWindow> windows =
                MetricsJob.defineWorkflow(
                        polled,
                        new WindowSettings(
                                second,
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(30),
                                Duration.ofMinutes(5)),
                        catalogue,
                        intervals,
                        null,
                        sinks);
        ForecastSettings settings =
                new ForecastSettings(
                        second,
                        Duration.ofSeconds(2),
                        Duration.ofMillis(500),
                        730,
                        Duration.ofDays(60),
                        80,
                        90,
                        true,
                        Map.of("prod", new ConnectionPlan(2, 10, 100, null, 3, null)));
        CapacityJob.defineWorkflow(
                windows,
                Map.of(),
                CapacityHistory.read(env, options, settings.historyDays())
                        .map(new FailingOnce())
                        .setParallelism(1)
                        .uid("failing-once"),
                null,
                TenantGrowthSettings.DEFAULT,
                settings,
                sinks);
        return env;
    }

    private static String ofWatched(String sql) throws SQLException {
        try (Connection connection = watched.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** Fails at one remembered state, after which the job goes on from its latest checkpoint. */
    private static final class FailingOnce
            implements MapFunction<ResourceUtilization, ResourceUtilization> {
        private static final long serialVersionUID = 1L;

        @Override
        public ResourceUtilization map(ResourceUtilization state) {
            if (STATES_UNTIL_FAILURE.get() >= 0 && STATES_UNTIL_FAILURE.decrementAndGet() < 0) {
                throw new IllegalStateException("made to fail");
            }
            return state;
        }
    }
}
