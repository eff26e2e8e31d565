package io.onevault.connectors.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class VaultSinkIT {

    private static final long T0 = 1_760_000_000_000L;
    private static final int OBJECTS = 50;
    private static final Duration OUTAGE = Duration.ofSeconds(60);

    @RegisterExtension
    static final MiniClusterExtension FLINK =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    private static final AtomicBoolean CRASH = new AtomicBoolean();
    private static final AtomicInteger CHECKPOINTS = new AtomicInteger();
    private static PostgresServer server;

    @BeforeAll
    static void deploy() {
        server = PostgresServer.startLatest();
        VaultTestTables.deploy(server, "vault");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void empty() {
        server.execute(
                "vault",
                "TRUNCATE monitoring.server_object_h, monitoring.server_object_s,"
                        + " monitoring.dead_letter");
    }

    @Test
    void everyRowIsThereOnceAfterTheVaultWasRestartedInAWriteAndAway() throws Exception {
        JobClient job = start(40_000, Integer.MAX_VALUE);
        await("the first rows", () -> rows() > 2_000);
        server.restart();
        long before = rows();
        await("more rows after the restart", () -> rows() > before);
        server.crash();
        // Ten minutes on a scale of one to ten; the job must neither fail nor finish meanwhile.
        long until = System.nanoTime() + OUTAGE.toNanos();
        while (System.nanoTime() < until) {
            assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        server.start();
        job.getJobExecutionResult().get(90, TimeUnit.SECONDS);
        assertEverythingOnce(40_000, 0);
    }

    @Test
    void everyRowIsThereOnceAfterATaskFailed() throws Exception {
        CRASH.set(true);
        JobClient job = start(20_000, Integer.MAX_VALUE);
        job.getJobExecutionResult().get(90, TimeUnit.SECONDS);
        assertThat(CRASH).isFalse();
        assertEverythingOnce(20_000, 0);
    }

    @Test
    void checkpointsCompleteWhileTheVaultIsAway() throws Exception {
        server.stop();
        CHECKPOINTS.set(0);
        // Slow enough to leave room in the buffer: a full one is backpressure.
        JobClient job = start(slowNumbers(400), Integer.MAX_VALUE);
        await("checkpoints", () -> CHECKPOINTS.get() > 2);
        server.start();
        job.getJobExecutionResult().get(60, TimeUnit.SECONDS);
        assertEverythingOnce(400, 0);
    }

    /** The server's own answer to a full disk, which a trigger gives here. */
    @Test
    void everyRowIsThereOnceAfterTheVaultsDiskWasFull() throws Exception {
        server.execute(
                "vault",
                "CREATE SEQUENCE public.refused",
                "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
                        + " AS 'BEGIN PERFORM nextval(''public.refused''); RAISE ''could not extend"
                        + " file: No space left on device'' USING ERRCODE = ''disk_full''; END'",
                "CREATE TRIGGER full_disk BEFORE INSERT ON monitoring.server_object_s"
                        + " FOR EACH STATEMENT EXECUTE FUNCTION public.refuse()");
        JobClient job = start(5_000, Integer.MAX_VALUE);
        await("several tries", () -> refusals() >= 3);
        assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
        assertThat(rows()).isZero();
        server.execute(
                "vault",
                "DROP TRIGGER full_disk ON monitoring.server_object_s",
                "DROP FUNCTION public.refuse",
                "DROP SEQUENCE public.refused");
        job.getJobExecutionResult().get(60, TimeUnit.SECONDS);
        assertEverythingOnce(5_000, 0);
    }

    @Test
    void refusedRowsBecomeDeadLettersAndTheirNeighboursLand() throws Exception {
        JobClient job = start(5_000, 500);
        job.getJobExecutionResult().get(60, TimeUnit.SECONDS);
        assertEverythingOnce(5_000 - 10, 10);
        assertThat(
                        number(
                                "SELECT count(*) FROM monitoring.dead_letter WHERE sqlstate ="
                                        + " '22P02' AND reason LIKE '%json%' AND relation ="
                                        + " 'monitoring.server_object_s' AND record_bytes IS NOT"
                                        + " NULL AND stream_position LIKE 'prod||setting|%'"))
                .isEqualTo(10);
    }

    private static Function<StreamExecutionEnvironment, DataStream<Long>> slowNumbers(long rows) {
        return env ->
                env.fromSource(
                        new DataGeneratorSource<>(
                                i -> i, rows, RateLimiterStrategy.perSecond(200), Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        "numbers");
    }

    private static JobClient start(long rows, int poisonEvery) throws Exception {
        return start(env -> env.fromSequence(0, rows - 1), poisonEvery);
    }

    private static JobClient start(
            Function<StreamExecutionEnvironment, DataStream<Long>> numbers, int poisonEvery)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        env.enableCheckpointing(200);
        VaultOptions options =
                new VaultOptions(
                        server.jdbcUrl("vault"),
                        "pipeline",
                        Secret.of("secret"),
                        200,
                        Duration.ofMillis(20),
                        1_000,
                        Duration.ofSeconds(1));
        numbers.apply(env)
                .map(new CrashOnce())
                .sinkTo(
                        new VaultSink<>(
                                VaultTestTables.OBJECTS,
                                i ->
                                        VaultTestTables.object(
                                                "object-" + i % OBJECTS,
                                                T0 + i * 1_000,
                                                i % poisonEvery == poisonEvery - 1
                                                        ? "poison"
                                                        : "{\"v\": " + i + "}"),
                                options))
                .uid("vault");
        return env.executeAsync();
    }

    private static final class CrashOnce implements MapFunction<Long, Long>, CheckpointListener {
        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            CHECKPOINTS.incrementAndGet();
        }

        @Override
        public Long map(Long value) {
            if (value == 15_000 && CRASH.compareAndSet(true, false)) {
                throw new IllegalStateException("a task fails, on purpose");
            }
            return value;
        }
    }

    private static void assertEverythingOnce(long rows, long deadLetters) throws SQLException {
        assertThat(number("SELECT count(*) FROM monitoring.server_object_s")).isEqualTo(rows);
        assertThat(number("SELECT count(*) FROM monitoring.dead_letter")).isEqualTo(deadLetters);
        assertThat(number("SELECT count(*) FROM monitoring.server_object_h")).isEqualTo(OBJECTS);
        assertThat(
                        number(
                                "SELECT count(*) FROM monitoring.server_object_s WHERE"
                                        + " load_end_date IS NULL"))
                .isEqualTo(OBJECTS);
        assertThat(
                        number(
                                "SELECT count(*) FROM (SELECT load_end_date IS DISTINCT FROM"
                                        + " lead(load_date) OVER (PARTITION BY server_object_hk"
                                        + " ORDER BY load_date) AS broken"
                                        + " FROM monitoring.server_object_s) s WHERE broken"))
                .isZero();
    }

    /** Counted by a sequence, for it keeps what a transaction that failed did. */
    private static long refusals() {
        try {
            return number("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM refused");
        } catch (SQLException e) {
            return -1;
        }
    }

    private static long rows() {
        try {
            return number("SELECT count(*) FROM monitoring.server_object_s");
        } catch (SQLException e) {
            return -1;
        }
    }

    private static long number(String sql) throws SQLException {
        try (Connection connection = server.connect("vault");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for %s", what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
