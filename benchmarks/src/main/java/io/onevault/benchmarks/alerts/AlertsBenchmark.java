package io.onevault.benchmarks.alerts;

import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.Rounds;
import io.onevault.benchmarks.RunOptions;
import io.onevault.benchmarks.cdc.HeapWatch;
import io.onevault.embedded.postgres.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A burst of findings through a thousand rules to a real vault and a real receiver, at two sizes;
 * and how long a single one takes from a real server to the receiver.
 */
public final class AlertsBenchmark implements Benchmark {

    private static final int[] SIZES = {10_000, 100_000};
    private static final int[] QUICK_SIZES = {500, 1_000};
    private static final int RULES = 1_000;
    private static final int QUICK_RULES = 50;
    private static final int CROSSINGS = 200;
    private static final int QUICK_CROSSINGS = 3;
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final Duration QUICK_INTERVAL = Duration.ofSeconds(1);
    private static final double TARGET_PER_SECOND = 100_000;
    private static final double TARGET_MILLIS = AlertLatency.POLL_MILLIS + 2_000;
    private static final double MEGABYTE = 1 << 20;

    @Override
    public String name() {
        return "alerts";
    }

    @Override
    public String description() {
        return "a burst through 1,000 rules; server to receiver";
    }

    @Override
    public List<Result> run(RunOptions options) throws Exception {
        try (PostgresServer vault = PostgresServer.startLatest()) {
            List<Result> results = bursts(options, vault);
            latency(options, results);
            return results;
        }
    }

    private static List<Result> bursts(RunOptions options, PostgresServer vault) throws Exception {
        int[] sizes = options.quick() ? QUICK_SIZES : SIZES;
        int rules = options.quick() ? QUICK_RULES : RULES;
        Duration interval = options.quick() ? QUICK_INTERVAL : INTERVAL;
        List<Result> results = new ArrayList<>();
        double[] counts = new double[sizes.length];
        double[] costs = new double[sizes.length];
        double[] heaps = new double[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            String of = String.format(Locale.ROOT, ", %,d series, %,d rules", sizes[i], rules);
            options.progress().accept("All at once" + of);
            AlertBurst.Outcome outcome;
            // Watching collects, so it has runs of its own unless figures do not matter.
            try (HeapWatch heap = options.quick() ? HeapWatch.start() : null) {
                outcome = AlertBurst.run(vault, sizes[i], rules, interval);
                heaps[i] = heap == null ? 0 : heap.peak() / MEGABYTE;
            }
            results.addAll(figures(of, sizes[i], interval, outcome));
            counts[i] = sizes[i];
            costs[i] = outcome.storedSeconds();
        }
        int last = sizes.length - 1;
        for (int i = 0; !options.quick() && i <= last; i += last) {
            options.progress().accept("Heap, " + sizes[i] + " series");
            heaps[i] = heap(vault, sizes[i], rules);
        }
        results.add(
                Result.against(
                        "exponent of time to the vault in series",
                        Rounds.growthExponent(counts, costs),
                        "",
                        "linear",
                        1));
        results.add(
                Result.against(
                        "peak heap, " + sizes[last] + " series",
                        heaps[last],
                        "MB",
                        "the same with " + sizes[0],
                        heaps[0]));
        return results;
    }

    private static List<Result> figures(
            String of, int series, Duration interval, AlertBurst.Outcome outcome) {
        return List.of(
                Result.against(
                        "findings judged while all alerts last" + of,
                        outcome.findingsPerSecond(),
                        "1/s",
                        "target",
                        TARGET_PER_SECOND),
                Result.against(
                        "findings that begin an alert each" + of,
                        outcome.alertsPerSecond(),
                        "1/s",
                        "findings judged",
                        outcome.findingsPerSecond()),
                Result.against(
                        "alerts whole in the vault" + of, outcome.stored(), "", "raised", series),
                Result.against(
                        "until all fire in the vault" + of,
                        outcome.storedSeconds(),
                        "s",
                        "a second",
                        1),
                Result.against(
                        "messages" + of, outcome.messages(), "", "alerts' changes", 2.0 * series),
                Result.against(
                        "least time between messages of a group" + of,
                        outcome.leastGapMillis(),
                        "ms",
                        "group interval",
                        interval.toMillis()),
                Result.against(
                        "groups not told, messages not delivered" + of,
                        outcome.silentGroups() + outcome.dropped(),
                        "",
                        "one",
                        1));
    }

    /** In megabytes, of the whole process. */
    private static double heap(PostgresServer vault, int series, int rules) throws Exception {
        try (HeapWatch heap = HeapWatch.start()) {
            AlertBurst.fill(vault, series, rules, INTERVAL);
            return heap.peak() / MEGABYTE;
        }
    }

    private static void latency(RunOptions options, List<Result> results) throws Exception {
        int crossings = options.quick() ? QUICK_CROSSINGS : CROSSINGS;
        options.progress().accept(crossings + " crossings at a server");
        double[] millis = AlertLatency.run(crossings);
        results.add(against("p50", millis, 0.5));
        results.add(against("p99", millis, 0.99));
        results.add(against("longest", millis, 1));
        results.add(Result.against("crossings told", millis.length, "", "arranged", crossings));
    }

    private static Result against(String what, double[] sorted, double share) {
        return Result.against(
                "crossed at the server to message, " + what,
                sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)],
                "ms",
                "poll interval + 2 s",
                TARGET_MILLIS);
    }
}
