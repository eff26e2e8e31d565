package io.onevault.jobs.locks;

import io.onevault.connectors.locks.LockSampler;
import io.onevault.connectors.locks.LockSamplerOptions;
import io.onevault.connectors.model.LogObservation;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.serverlog.ServerLogOptions;
import io.onevault.connectors.serverlog.ServerLogTail;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.EpisodeSettings;
import io.onevault.jobs.locks.incident.LockWait;
import io.onevault.jobs.testing.Until;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.jspecify.annotations.Nullable;

/** A real server, and a real job that watches its locks and its log. One at a time. */
final class WatchedServer implements AutoCloseable {

    static final String TARGET = "prod";

    /** What arrived, with the time of this machine when it did. */
    record Arrival<T>(T row, long atMicros) {}

    /** Filled by the job, which runs in this process. */
    private static final Queue<Arrival<LockWait>> WAITS = new ConcurrentLinkedQueue<>();

    private static final Queue<BlockingIncident> INCIDENTS = new ConcurrentLinkedQueue<>();
    private static final Queue<DeadlockEvent> DEADLOCKS = new ConcurrentLinkedQueue<>();
    private static final Queue<LogObservation> LINES = new ConcurrentLinkedQueue<>();

    private final PostgresServer server;
    private final JobClient job;

    private WatchedServer(PostgresServer server, JobClient job) {
        this.server = server;
        this.job = job;
    }

    static WatchedServer start(boolean withLog) throws Exception {
        WAITS.clear();
        INCIDENTS.clear();
        DEADLOCKS.clear();
        LINES.clear();
        PostgresServer server =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("max_connections", "150")
                        .setting("logging_collector", "on")
                        .setting("log_destination", "jsonlog")
                        .start();
        server.execute(
                "postgres",
                "CREATE ROLE monitor LOGIN IN ROLE pg_monitor",
                "GRANT EXECUTE ON FUNCTION pg_catalog.pg_current_logfile(text),"
                        + " pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO"
                        + " monitor",
                "CREATE TABLE item (id int PRIMARY KEY, n int DEFAULT 0)",
                "INSERT INTO item SELECT i FROM generate_series(0, 999) i");
        return new WatchedServer(server, submit(server, withLog));
    }

    private static JobClient submit(PostgresServer server, boolean withLog) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        env.enableCheckpointing(1_000);
        ServerTarget target =
                new ServerTarget(TARGET, server.jdbcUrl("postgres"), "monitor", Secret.NONE);
        DataStream<LogObservation> lines = null;
        if (withLog) {
            lines =
                    env.fromSource(
                                    ServerLogTail.builder()
                                            .target(target)
                                            .options(
                                                    ServerLogOptions.builder()
                                                            .pollInterval(Duration.ofMillis(200))
                                                            .backoff(
                                                                    Duration.ofMillis(100),
                                                                    Duration.ofMillis(500))
                                                            .build())
                                            .build(),
                                    ServerLogTail.watermarks(Duration.ofSeconds(1)),
                                    "server-log")
                            .uid("server-log")
                            .map(
                                    line -> {
                                        LINES.add(line);
                                        return line;
                                    })
                            .returns(LogObservation.class)
                            .uid("lines");
        }
        BlockingStreams streams =
                BlockingJob.defineWorkflow(
                        env.fromSource(
                                        LockSampler.builder()
                                                .target(target)
                                                .options(
                                                        LockSamplerOptions.builder()
                                                                .counterInterval(
                                                                        Duration.ofSeconds(1))
                                                                .backoff(
                                                                        Duration.ofMillis(100),
                                                                        Duration.ofMillis(500))
                                                                .build())
                                                .build(),
                                        LockSampler.watermarks(),
                                        "lock-sampler")
                                .uid("lock-sampler"),
                        lines,
                        // A machine under load may be late.
                        new EpisodeSettings(
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(20),
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(30),
                                Duration.ofHours(1)));
        keep(
                streams.waits(),
                row -> {
                    long now = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
                    return WAITS.add(new Arrival<>(row, now));
                },
                "waits");
        // Method references to static queues would be copied with their queue.
        keep(streams.incidents(), row -> INCIDENTS.add(row), "incidents");
        keep(streams.deadlocks(), row -> DEADLOCKS.add(row), "deadlocks");
        return env.executeAsync("locks");
    }

    /** Must be serializable. */
    interface Keeper<T> extends java.io.Serializable {
        boolean keep(T row);
    }

    private static <T> void keep(DataStream<T> stream, Keeper<T> keeper, String name) {
        stream.filter(row -> !keeper.keep(row))
                .uid("keep-" + name)
                .sinkTo(new DiscardingSink<>())
                .uid("discard-" + name);
    }

    PostgresServer server() {
        return server;
    }

    Connection connect() throws SQLException {
        return server.connect("postgres");
    }

    long number(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Of each wait the last row. */
    static Map<String, LockWait> waits() {
        Map<String, LockWait> last = new LinkedHashMap<>();
        WAITS.forEach(arrival -> last.put(arrival.row().key(), arrival.row()));
        return last;
    }

    static Queue<Arrival<LockWait>> arrivals() {
        return WAITS;
    }

    static Map<String, BlockingIncident> incidents() {
        return last(INCIDENTS, BlockingIncident::key);
    }

    static Queue<BlockingIncident> incidentRows() {
        return INCIDENTS;
    }

    static Map<String, DeadlockEvent> deadlocks() {
        return last(DEADLOCKS, DeadlockEvent::key);
    }

    static long reports() {
        return LINES.stream()
                .filter(line -> line.event() != null && line.event().kind().equals("DEADLOCK"))
                .count();
    }

    static boolean logIsRead() {
        return !LINES.isEmpty();
    }

    private static <T> Map<String, T> last(Queue<T> rows, Function<T, String> key) {
        Map<String, T> last = new LinkedHashMap<>();
        rows.forEach(row -> last.put(key.apply(row), row));
        return last;
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        Until.holds(what, condition::call);
    }

    static int pid(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /** Runs a statement; returns the SQLSTATE of its error, or empty. */
    static String run(Connection connection, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return "";
        } catch (SQLException e) {
            return String.valueOf(e.getSQLState());
        }
    }

    static void close(@Nullable Connection connection) throws SQLException {
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void close() throws Exception {
        job.cancel().get(60, TimeUnit.SECONDS);
        server.close();
    }
}
