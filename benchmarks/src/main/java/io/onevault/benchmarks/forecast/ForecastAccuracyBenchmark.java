package io.onevault.benchmarks.forecast;

import io.onevault.forecasting.ForecastOptions;
import io.onevault.forecasting.ForecastPoint;
import io.onevault.forecasting.ForecastResult;
import io.onevault.forecasting.Forecaster;
import io.onevault.forecasting.series.TimeSeries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Forecast quality on real series against every peer, and on synthetic families against the truth.
 *
 * <p>Arguments: the data folder; then optionally a prefix of the tasks to run ({@code
 * growth_daily-90}, or {@code synthetic}), and a list of earlier origins in horizons ({@code
 * 1,2,3}) to forecast from instead of the end of the training part. Design decisions are made on
 * earlier origins, results are reported at 0.
 */
public final class ForecastAccuracyBenchmark {

    private static final String OWN = "one vault";
    private static final int SYNTHETIC_PER_FAMILY = 30;
    private static final int MIN_HISTORY = 60;

    /**
     * Levels, relative to the newest value, whose reaching within the horizon is to be foreseen.
     */
    private static final double[] CAPACITIES = {1.01, 1.02, 1.05, 1.1, 1.2, 1.5};

    private record Task(String file, int season, int horizon) {
        String name() {
            return file + "-" + horizon;
        }
    }

    private static final List<Task> TASKS =
            List.of(
                    new Task("growth_daily", 7, 90),
                    new Task("growth_daily", 7, 30),
                    new Task("growth_daily", 7, 7),
                    new Task("growth_weekly", 1, 52),
                    new Task("growth_weekly", 1, 30),
                    new Task("growth_weekly", 1, 7),
                    new Task("chain_daily", 7, 90),
                    new Task("m4_hourly", 24, 48),
                    new Task("m4_weekly", 1, 13),
                    new Task("m4_daily", 1, 14),
                    new Task("nab_cloudwatch", 24, 48));

    private ForecastAccuracyBenchmark() {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args.length > 0 ? args[0] : ".");
        String only = args.length > 1 ? args[1] : "";
        int[] backs =
                args.length > 2
                        ? Arrays.stream(args[2].split(",")).mapToInt(Integer::parseInt).toArray()
                        : new int[] {0};
        for (Figure figure : run(folder, only, backs)) {
            System.out.printf(
                    Locale.ROOT,
                    "%-52s %10.3f against %-14s %10.3f ratio %8.3f%n",
                    figure.name(),
                    figure.value(),
                    figure.peer(),
                    figure.peerValue(),
                    figure.ratio());
        }
    }

    /** All tasks at the end of the training parts, and the synthetic families. */
    public static List<Figure> run(Path folder) throws IOException {
        return run(folder, "", new int[] {0});
    }

    private static List<Figure> run(Path folder, String only, int[] backs) throws IOException {
        List<Figure> figures = new ArrayList<>();
        for (Task task : TASKS) {
            Path file = folder.resolve(task.file() + ".csv");
            if (!task.name().startsWith(only)) {
                continue;
            }
            if (!Files.exists(file)) {
                System.out.println("Skipped " + task.name() + ": there is no " + file + ".");
                continue;
            }
            figures.addAll(run(RealSeries.read(file), task, backs));
        }
        if ("synthetic".startsWith(only)) {
            figures.addAll(SyntheticAccuracy.run(SYNTHETIC_PER_FAMILY));
        }
        return figures;
    }

    private static List<Figure> run(List<RealSeries> originals, Task task, int[] backs) {
        Map<String, Scores> scores = new LinkedHashMap<>();
        scores.put(OWN, new Scores());
        Peer.all().keySet().forEach(name -> scores.put(name, new Scores()));
        int count = 0;
        for (RealSeries original : originals) {
            for (int back : backs) {
                int shift = back * task.horizon();
                int left = original.train().length - shift;
                if (shift > 0 && left < Math.max(3 * task.horizon(), MIN_HISTORY)) {
                    continue;
                }
                score(original.earlier(shift, task.horizon()), task, scores);
                count++;
            }
        }
        print(task, count, scores);
        return figures(task, scores);
    }

    private static void score(RealSeries series, Task task, Map<String, Scores> scores) {
        double[] known = Peer.filled(series.train());
        Map<String, Peer> peers = Peer.all();
        Map<String, Projection> projections = new LinkedHashMap<>();
        ForecastResult forecast = forecast(series.train(), task);
        projections.put(OWN, own(forecast, task));
        peers.forEach(
                (name, peer) ->
                        projections.put(name, peer.project(known, task.season(), task.horizon())));
        Projection naive = Objects.requireNonNull(projections.get("naive"));
        projections.forEach(
                (name, projection) -> {
                    Scores score = of(scores, name);
                    score.add(series.train(), series.test(), task.season(), projection, naive);
                    for (double factor : CAPACITIES) {
                        double capacity = known[known.length - 1] * factor;
                        boolean filled =
                                Arrays.stream(series.test()).anyMatch(value -> value >= capacity);
                        boolean alerted =
                                name.equals(OWN)
                                        ? forecast.expectedToReach(capacity, task.horizon())
                                        : projection.crossing(capacity, task.horizon()) > 0;
                        score.addAlert(alerted, filled);
                    }
                });
    }

    private static ForecastResult forecast(double[] train, Task task) {
        return new Forecaster()
                .forecast(
                        TimeSeries.ofValues(train),
                        ForecastOptions.ofHorizon(task.horizon()).withSeason(task.season()));
    }

    private static Projection own(ForecastResult forecast, Task task) {
        List<ForecastPoint> points = forecast.points();
        Projection result = Projection.empty(task.horizon());
        for (ForecastPoint point : points) {
            result.set(
                    point.step(),
                    point.mean(),
                    point.lo80(),
                    point.hi80(),
                    point.lo95(),
                    point.hi95());
        }
        return result;
    }

    private static void print(Task task, int count, Map<String, Scores> scores) {
        System.out.printf(
                "%n%s: %d forecasts%n%-15s %8s %7s %6s %5s %6s %6s %8s %8s %5s %6s %6s%n",
                task.name(),
                count,
                "",
                "MASE",
                "ratio",
                "beats",
                "ties",
                "cov80",
                "cov95",
                "MSIS",
                "mean",
                "F1",
                "false",
                "recall");
        scores.forEach(
                (name, s) ->
                        System.out.printf(
                                Locale.ROOT,
                                "%-15s %8.3f %7.3f %5.0f%% %5d %5.1f%% %5.1f%% %8.2f %8.2f %5.2f"
                                        + " %5.0f%% %5.0f%%%n",
                                name,
                                s.medianMase(),
                                s.ratioToNaive(),
                                100 * s.beatsNaive(),
                                s.ties(),
                                100 * s.coverage80(),
                                100 * s.coverage95(),
                                s.medianMsis(),
                                s.meanMsis(),
                                s.f1(),
                                100 * s.falseShare(),
                                100 * s.recall()));
    }

    private static List<Figure> figures(Task task, Map<String, Scores> scores) {
        Scores own = of(scores, OWN);
        String accurate = best(scores, true);
        String sharp = best(scores, false);
        return List.of(
                Figure.against(
                        task.name() + " median MASE",
                        own.medianMase(),
                        "",
                        accurate,
                        of(scores, accurate).medianMase()),
                Figure.against(
                        task.name() + " median MASE",
                        own.medianMase(),
                        "",
                        "theta",
                        of(scores, "theta").medianMase()),
                Figure.against(task.name() + " beats naive", own.beatsNaive(), "", "half", 0.5),
                Figure.against(
                        task.name() + " coverage of 80 %", own.coverage80(), "", "nominal", 0.8),
                Figure.against(
                        task.name() + " coverage of 95 %", own.coverage95(), "", "nominal", 0.95),
                Figure.against(
                        task.name() + " mean MSIS",
                        own.meanMsis(),
                        "",
                        sharp,
                        of(scores, sharp).meanMsis()));
    }

    private static String best(Map<String, Scores> scores, boolean mase) {
        String best = "naive";
        for (Map.Entry<String, Scores> entry : scores.entrySet()) {
            double value = mase ? entry.getValue().medianMase() : entry.getValue().meanMsis();
            double least = mase ? of(scores, best).medianMase() : of(scores, best).meanMsis();
            best = !entry.getKey().equals(OWN) && value < least ? entry.getKey() : best;
        }
        return best;
    }

    private static Scores of(Map<String, Scores> scores, String name) {
        return Objects.requireNonNull(scores.get(name));
    }
}
