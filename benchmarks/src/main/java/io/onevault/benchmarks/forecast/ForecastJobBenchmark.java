package io.onevault.benchmarks.forecast;

import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.RunOptions;
import io.onevault.forecasting.ForecastOptions;
import io.onevault.forecasting.Forecaster;
import io.onevault.forecasting.series.TimeSeries;
import io.onevault.jobs.capacity.CapacityJob;
import io.onevault.jobs.capacity.TenantGrowthSettings;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.ForecastState;
import io.onevault.jobs.capacity.forecast.Levels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The whole job of capability {@code capacity} with two slots: 10,000 series of two years are
 * loaded as their history, then all of them are due at once, as after a start, and are forecast
 * within the ten seconds their turns are spread over or as fast as the cores do it. Beside it the
 * same job writes states of fifty databases that are measured once a second, and checkpoints go on.
 *
 * <p>Everything is real but the vault: rows are made and then dropped. The peer of the refit is the
 * library alone on as many threads.
 */
public final class ForecastJobBenchmark implements Benchmark {

    private static final int SLOTS = 2;
    private static final Duration SPREAD = Duration.ofSeconds(10);
    private static final long PATIENCE_SECONDS = 600;
    private static final long CALM_MILLIS = 5_000;
    private static final int CHECKPOINT_SECONDS = 5;
    private static final double MOST_SECONDS = 60;
    private static final double MOST_CHECKPOINT_MILLIS = 2_000;
    private static final double MOST_BYTES = 64 * 1024;

    @Override
    public String name() {
        return "forecast-job";
    }

    @Override
    public String description() {
        return "10,000 series loaded and refit in the job, beside a limit";
    }

    @Override
    public List<Result> run(RunOptions options) throws Exception {
        PastSeries series = new PastSeries(options.quick() ? 200 : 10_000, PastSeries.TWO_YEARS);
        Path checkpoints = Files.createTempDirectory("forecast-job");
        try (MiniCluster cluster = cluster()) {
            cluster.start();
            options.progress()
                    .accept(series.count() + " series of " + series.days() + " days in the job");
            JobMeter.reset();
            long start = System.nanoTime();
            JobID job =
                    cluster.submitJob(compose(series, checkpoints).getStreamGraph().getJobGraph())
                            .get()
                            .getJobID();
            awaitForecasts(cluster, job, 1);
            double load = JobMeter.historySeconds(start);
            awaitForecasts(cluster, job, series.count());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(CALM_MILLIS));
            JobMeter.Reading reading = JobMeter.read();
            double longest = longestCheckpoint(cluster, job, reading);
            cluster.cancelJob(job).get();
            options.progress().accept("the same series by the library alone");
            double library = library(series);
            return results(series, load, reading, longest, library);
        } finally {
            delete(checkpoints);
        }
    }

    private static List<Result> results(
            PastSeries series,
            double load,
            JobMeter.Reading reading,
            double longestCheckpoint,
            double library)
            throws Exception {
        List<Result> results = new ArrayList<>();
        double refit = reading.refitSeconds();
        results.add(
                Result.against(
                        "refit of " + series.count() + " series",
                        refit,
                        "s",
                        "limit",
                        MOST_SECONDS));
        results.add(
                Result.against(
                        "series refit",
                        series.count() / refit,
                        "series/s",
                        "the library alone, " + SLOTS + " threads",
                        series.count() / library));
        results.add(
                Result.against(
                        "history of " + series.states() + " states loaded",
                        series.states() / load,
                        "states/s",
                        "a million states a minute",
                        1e6 / 60));
        results.add(
                Result.against(
                        "other states' way meanwhile, p50",
                        reading.busy50(),
                        "ms",
                        "the same when no forecast is due",
                        reading.calm50()));
        results.add(
                Result.against(
                        "other states' way meanwhile, p99",
                        reading.busy99(),
                        "ms",
                        "the same when no forecast is due",
                        reading.calm99()));
        results.add(
                Result.against(
                        "checkpoints meanwhile",
                        reading.checkpoints(),
                        "",
                        "one in five seconds",
                        Math.max(1, refit / CHECKPOINT_SECONDS)));
        results.add(
                Result.against(
                        "longest checkpoint begun meanwhile",
                        longestCheckpoint,
                        "ms",
                        "limit",
                        MOST_CHECKPOINT_MILLIS));
        results.add(
                Result.against(
                        "state of a series", stateBytes(series), "bytes", "limit", MOST_BYTES));
        return results;
    }

    private static StreamExecutionEnvironment compose(PastSeries series, Path checkpoints) {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(SLOTS);
        env.enableCheckpointing(CHECKPOINT_SECONDS * 1_000L);
        ForecastSettings usual = ForecastSettings.DEFAULT;
        CapacityJob.defineWorkflow(
                LiveWindows.in(env),
                Map.of(),
                series.in(env),
                null,
                TenantGrowthSettings.DEFAULT,
                new ForecastSettings(
                        Duration.ofSeconds(1),
                        usual.refit(),
                        SPREAD,
                        PastSeries.TWO_YEARS,
                        usual.expiry(),
                        usual.warning(),
                        usual.critical(),
                        true),
                new JobMeter.Sinks());
        return env;
    }

    private static MiniCluster cluster() throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(WebOptions.CHECKPOINTS_HISTORY_SIZE, 1_000);
        return new MiniCluster(
                new MiniClusterConfiguration.Builder()
                        .setConfiguration(configuration)
                        .setNumTaskManagers(1)
                        .setNumSlotsPerTaskManager(SLOTS)
                        .withRandomPorts()
                        .build());
    }

    private static void awaitForecasts(MiniCluster cluster, JobID job, int count) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (JobMeter.forecasts() < count) {
            if (System.nanoTime() > deadline
                    || cluster.getJobStatus(job).get().isGloballyTerminalState()) {
                throw new IllegalStateException(
                        JobMeter.forecasts() + " of " + count + " forecasts came");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /**
     * Milliseconds from the trigger of a checkpoint to its end, so far if it has none. One may fail
     * when the history, being read, ends its tasks; it waits for nothing.
     */
    private static double longestCheckpoint(
            MiniCluster cluster, JobID job, JobMeter.Reading reading) throws Exception {
        long now = System.currentTimeMillis();
        CheckpointStatsSnapshot stats =
                cluster.getExecutionGraph(job).get().getCheckpointStatsSnapshot();
        if (stats == null) {
            throw new IllegalStateException("nothing is known of checkpoints");
        }
        return stats.getHistory().getCheckpoints().stream()
                .filter(
                        c ->
                                c.getStatus() != CheckpointStatsStatus.FAILED
                                        && c.getTriggerTimestamp() >= reading.first()
                                        && c.getTriggerTimestamp() <= reading.last())
                .mapToDouble(
                        c ->
                                c.getStatus() == CheckpointStatsStatus.COMPLETED
                                        ? c.getEndToEndDuration()
                                        : now - c.getTriggerTimestamp())
                .max()
                .orElse(0);
    }

    /** Seconds for the same forecasts without a job. */
    private static double library(PastSeries series) throws Exception {
        Forecaster forecaster = new Forecaster();
        ForecastOptions options =
                ForecastOptions.ofHorizon(90).withPath(365).withCapacity(PastSeries.CAPACITY);
        List<double[]> values = series.values();
        long start = System.nanoTime();
        Thread[] threads = new Thread[SLOTS];
        double[] sums = new double[SLOTS];
        for (int t = 0; t < SLOTS; t++) {
            int first = t;
            threads[t] =
                    new Thread(
                            () -> {
                                for (int i = first; i < values.size(); i += SLOTS) {
                                    sums[first] +=
                                            forecaster
                                                    .forecast(
                                                            TimeSeries.ofValues(values.get(i)),
                                                            options)
                                                    .at(90)
                                                    .mean();
                                }
                            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!IntStream.range(0, SLOTS).allMatch(t -> Double.isFinite(sums[t]))) {
            throw new IllegalStateException("a forecast was no number");
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** Of a series with its history and a first forecast, as a checkpoint has it. */
    private static double stateBytes(PastSeries series) throws Exception {
        ForecastState state = new ForecastState();
        double[] values = series.values().get(0);
        long now = System.currentTimeMillis();
        for (int day = 0; day < series.days(); day++) {
            state.add(series.state(0, day, values[day], now), false, PastSeries.TWO_YEARS);
        }
        state.look(Levels.of(ForecastSettings.DEFAULT));
        DataOutputSerializer out = new DataOutputSerializer(1 << 15);
        TypeInformation.of(ForecastState.class)
                .createSerializer(new SerializerConfigImpl())
                .serialize(state, out);
        return out.length();
    }

    private static void delete(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
