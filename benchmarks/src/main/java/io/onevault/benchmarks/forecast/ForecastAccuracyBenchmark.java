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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

public final class ForecastAccuracyBenchmark {

    record Task(String file, int season, int horizon) {}

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

    private static final double[] CAPACITIES = {1.01, 1.02, 1.05, 1.1, 1.2, 1.5};

    private ForecastAccuracyBenchmark() {}

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        String only = args.length > 1 ? args[1] : "";
        int[] backs = args.length > 2 ? java.util.Arrays.stream(args[2].split(",")).mapToInt(Integer::parseInt).toArray() : new int[] {0};
        boolean verbose = args.length > 3;
        for (Task task : TASKS) {
            if (!(task.file + "-" + task.horizon).startsWith(only)) {
                continue;
            }
            run(folder, task, backs, verbose);
        }
    }

    private static void run(Path folder, Task task, int[] backs, boolean verbose) throws IOException {
        Map<String, Scores> scores = new LinkedHashMap<>();
        scores.put("one vault", new Scores());
        Peer.all().keySet().forEach(name -> scores.put(name, new Scores()));
        long nanos = 0;
        int count = 0;
        List<String> notes = new ArrayList<>();
        for (RealSeries original : RealSeries.read(folder.resolve(task.file + ".csv"))) {
            for (int back : backs) {
                int shift = back * task.horizon;
                if (original.train().length - shift < Math.max(3 * task.horizon, 60) && shift > 0) {
                    continue;
                }
                RealSeries series = original.earlier(shift, task.horizon);
                double[] known = Peer.filled(series.train());
                long start = System.nanoTime();
                Projection own = own(series.train(), task);
                nanos += System.nanoTime() - start;
                count++;
                Projection naive = Peer.all().get("naive").project(known, 1, task.horizon);
                Map<String, Projection> projections = new LinkedHashMap<>();
                projections.put("one vault", own);
                Peer.all()
                        .forEach(
                                (name, peer) ->
                                        projections.put(
                                                name,
                                                peer.project(known, task.season, task.horizon)));
                projections.forEach(
                        (name, p) -> {
                            Scores s = scores.get(name);
                            s.add(series.id() + "@" + back, series.train(), series.test(), task.season, p, naive);
                            for (double factor : CAPACITIES) {
                                double capacity = known[known.length - 1] * factor;
                                boolean filled = false;
                                for (double v : series.test()) {
                                    filled |= v >= capacity;
                                }
                                s.addAlert(p.crossing(capacity, task.horizon) > 0, filled);
                            }
                        });
                if (verbose) {
                    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-32s", series.id() + "@" + back));
                    scores.forEach((name, s) -> line.append(String.format(Locale.ROOT, " %s=%.3f", name.replace(" ", ""), s.maseBySeries().isEmpty() ? Double.NaN : s.maseBySeries().get(s.maseBySeries().size() - 1))));
                    line.append(" cov95=");
                    int in = 0;
                    for (int i = 0; i < series.test().length; i++) {
                        in += series.test()[i] >= own.lo95()[i] && series.test()[i] <= own.hi95()[i] ? 1 : 0;
                    }
                    line.append(in * 100 / series.test().length).append(' ').append(note);
                    notes.add(line.toString());
                }
            }
        }
        System.out.printf(Locale.ROOT, "%n%s h=%d: %d forecasts, %.2f ms each%n", task.file, task.horizon, count, nanos / 1e6 / count);
        System.out.printf("%-15s %8s %8s %7s %5s %6s %6s %9s %9s %5s %6s %6s%n", "", "MASE", "ratio", "beats", "ties", "cov80", "cov95", "MSISmed", "MSISmean", "F1", "false", "recall");
        scores.forEach((name, s) ->
                System.out.printf(Locale.ROOT, "%-15s %8.3f %8.3f %6.0f%% %5d %5.1f%% %5.1f%% %9.2f %9.2f %5.2f %5.0f%% %5.0f%%%n",
                        name, s.medianMase(), s.ratioToNaive(), 100 * s.beatsNaive(), s.ties(), 100 * s.coverage80(), 100 * s.coverage95(), s.medianMsis(), s.meanMsis(), s.f1(), 100 * s.falseShare(), 100 * s.recall()));
        notes.forEach(System.out::println);
    }

    static String note = "";

    static Projection own(double[] train, Task task) {
        ForecastResult result = new Forecaster().forecast(TimeSeries.ofValues(train), ForecastOptions.ofHorizon(task.horizon).withSeason(task.season));
        StringBuilder b = new StringBuilder();
        result.scores().stream().filter(s -> s.weight() > 0.01).sorted((x, y) -> Double.compare(y.weight(), x.weight())).forEach(s -> b.append(String.format(Locale.ROOT, "%s:%.2f(%.2f) ", s.name(), s.weight(), s.relativeError())));
        note = b.toString();
        Projection p = Projection.empty(task.horizon);
        for (ForecastPoint point : result.points()) {
            p.set(point.step(), point.mean(), point.lo80(), point.hi80(), point.lo95(), point.hi95());
        }
        return p;
    }
}
