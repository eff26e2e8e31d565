package io.onevault.benchmarks.windows;

import com.sun.management.OperatingSystemMXBean;
import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.Rounds;
import io.onevault.benchmarks.RunOptions;
import io.onevault.connectors.model.Sample;
import io.onevault.jobs.metrics.MetricWindows;
import io.onevault.jobs.metrics.WindowSettings;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * Samples per second and core through rates, windows, thresholds and roll-ups in a Flink job of one
 * slot, beside Flink SQL's {@code TUMBLE} with the same aggregates and beside a plain loop.
 *
 * <p>A core's second is a second of CPU time of this process, so that what else the machine does
 * weighs little; deployment of the job counts. SQL windows the counters' raw values: it is spared
 * rates, thresholds, roll-ups and amendments.
 */
public final class WindowsBenchmark implements Benchmark {

    private static final String OWN = "own";
    private static final String SQL = "sql";
    private static final String LOOP = "loop";
    private static final String HASHMAP = "hashmap";
    private static final String ROCKSDB = "rocksdb";
    private static final String UNIT = "samples/s/core";
    private static final String SQL_PEER = "Flink SQL TUMBLE, ";

    private static final List<SampleStream> SIZES =
            List.of(
                    new SampleStream(1_000, 80),
                    new SampleStream(10_000, 8),
                    new SampleStream(100_000, 2));
    private static final SampleStream ON_DISK = new SampleStream(10_000, 3);
    private static final List<SampleStream> QUICK_SIZES =
            List.of(new SampleStream(50, 3), new SampleStream(100, 3), new SampleStream(200, 3));
    private static final SampleStream QUICK_ON_DISK = new SampleStream(100, 3);

    private static final String QUERY =
            """
            SELECT series, window_start, COUNT(*) AS samples, MIN(`value`) AS value_min,
                MAX(`value`) AS value_max, AVG(`value`) AS value_mean,
                LAST_VALUE(`value`) AS value_last,
                PERCENTILE(`value`, ARRAY[0.5, 0.95, 0.99]) AS percentiles
            FROM TABLE(TUMBLE(TABLE samples, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
            GROUP BY series, window_start, window_end\
            """;

    @Override
    public String name() {
        return "windows";
    }

    @Override
    public String description() {
        return "samples/s/core into windows, beside Flink SQL and a loop";
    }

    @Override
    public List<Result> run(RunOptions options) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(512));
        try (MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(1)
                                .withRandomPorts()
                                .build())) {
            cluster.start();
            List<Result> results = new ArrayList<>();
            inMemory(cluster, options, results);
            onDisk(cluster, options, results);
            return results;
        }
    }

    private static void inMemory(MiniCluster cluster, RunOptions options, List<Result> results)
            throws Exception {
        List<SampleStream> sizes = options.quick() ? QUICK_SIZES : SIZES;
        double[] counts = new double[sizes.size()];
        double[] costs = new double[sizes.size()];
        for (int i = 0; i < sizes.size(); i++) {
            SampleStream stream = sizes.get(i);
            announce(options, stream, HASHMAP);
            Rounds.Medians medians =
                    new Rounds()
                            .with(OWN, () -> rate(stream, own(cluster, stream, HASHMAP)))
                            .with(SQL, () -> rate(stream, sql(cluster, stream, HASHMAP)))
                            .with(LOOP, () -> rate(stream, loop(stream)))
                            .run(options.rounds());
            double own = medians.of(OWN);
            String name = "windows, " + stream.series() + " series, " + HASHMAP;
            results.add(Result.against(name, own, UNIT, SQL_PEER + HASHMAP, medians.of(SQL)));
            results.add(Result.against(name, own, UNIT, "plain loop", medians.of(LOOP)));
            counts[i] = stream.series();
            costs[i] = SampleStream.SAMPLES_PER_WINDOW * 1e6 / own;
        }
        for (int i = 0; i < counts.length; i++) {
            results.add(
                    Result.against(
                            "cost per series and window, " + sizes.get(i).series() + " series",
                            costs[i],
                            "us",
                            "the same at " + sizes.get(0).series() + " series",
                            costs[0]));
        }
        double[] totals = new double[counts.length];
        for (int i = 0; i < counts.length; i++) {
            totals[i] = counts[i] * costs[i];
        }
        results.add(
                Result.against(
                        "exponent of cost in series",
                        Rounds.growthExponent(counts, totals),
                        "",
                        "linear",
                        1));
    }

    private static void onDisk(MiniCluster cluster, RunOptions options, List<Result> results)
            throws Exception {
        SampleStream stream = options.quick() ? QUICK_ON_DISK : ON_DISK;
        announce(options, stream, ROCKSDB);
        Rounds.Medians medians =
                new Rounds()
                        .with(OWN, () -> rate(stream, own(cluster, stream, ROCKSDB)))
                        .with(SQL, () -> rate(stream, sql(cluster, stream, ROCKSDB)))
                        .run(options.rounds());
        results.add(
                Result.against(
                        "windows, " + stream.series() + " series, " + ROCKSDB,
                        medians.of(OWN),
                        UNIT,
                        SQL_PEER + ROCKSDB,
                        medians.of(SQL)));
    }

    private static void announce(RunOptions options, SampleStream stream, String backend) {
        options.progress()
                .accept(
                        stream.size()
                                + " samples of "
                                + stream.series()
                                + " series, state in "
                                + backend
                                + ", "
                                + options.rounds()
                                + " rounds");
    }

    private static double rate(SampleStream stream, double coreSeconds) {
        return stream.size() / coreSeconds;
    }

    private static double own(MiniCluster cluster, SampleStream stream, String backend)
            throws Exception {
        return run(
                cluster,
                backend,
                (env, configuration) -> {
                    configuration.set(PipelineOptions.GENERIC_TYPES, false);
                    env.configure(configuration);
                    stream.in(env)
                            .keyBy(Sample::series)
                            .process(
                                    new MetricWindows(
                                            WindowSettings.DEFAULT,
                                            SampleStream.DEFINITIONS,
                                            Map.of()))
                            .uid("metric-windows")
                            .sinkTo(new DiscardingSink<>())
                            .uid("discard");
                });
    }

    private static double sql(MiniCluster cluster, SampleStream stream, String backend)
            throws Exception {
        return run(
                cluster,
                backend,
                (env, configuration) -> {
                    env.configure(configuration);
                    StreamTableEnvironment tables = StreamTableEnvironment.create(env);
                    DataStream<Sample> samples = stream.in(env);
                    tables.createTemporaryView(
                            "samples",
                            samples,
                            Schema.newBuilder()
                                    .column("series", "STRING NOT NULL")
                                    .column("value", "DOUBLE NOT NULL")
                                    .columnByMetadata("ts", DataTypes.TIMESTAMP_LTZ(3), "rowtime")
                                    .watermark("ts", "SOURCE_WATERMARK()")
                                    .build());
                    tables.toDataStream(tables.sqlQuery(QUERY))
                            .sinkTo(new DiscardingSink<>())
                            .uid("discard");
                });
    }

    private static double loop(SampleStream stream) {
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        double digest = PlainLoop.run(stream);
        if (!Double.isFinite(digest)) {
            throw new IllegalStateException("the loop computed nothing");
        }
        return (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before) / 1e9;
    }

    /** Runs what is composed; returns the seconds of CPU time it took. */
    private static double run(
            MiniCluster cluster,
            String backend,
            BiConsumer<StreamExecutionEnvironment, Configuration> composition)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(StateBackendOptions.STATE_BACKEND, backend);
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment().setParallelism(1);
        env.setRuntimeMode(RuntimeExecutionMode.STREAMING);
        composition.accept(env, configuration);
        long before = cpuNanos();
        JobResult result =
                cluster.requestJobResult(
                                cluster.submitJob(env.getStreamGraph().getJobGraph())
                                        .get()
                                        .getJobID())
                        .get();
        double seconds = (cpuNanos() - before) / 1e9;
        result.toJobExecutionResult(WindowsBenchmark.class.getClassLoader());
        return seconds;
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
