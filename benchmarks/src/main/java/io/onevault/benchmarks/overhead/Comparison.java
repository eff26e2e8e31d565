package io.onevault.benchmarks.overhead;

import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.RunOptions;
import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Sections of a pgbench run in turn, watched and not, first with cores of their own for the watched
 * server with pgbench, and for Flink with the vault, then with all on the same cores.
 *
 * <p>A section that is watched is compared with the one beside it that is not: what else happens on
 * a machine lasts longer than both, and meets them alike. The figures are geometric means, so that
 * their ratio is the mean of the pairs' ratios; how far it can be trusted stands beside it.
 */
final class Comparison {

    private static final int CLIENTS = 50;
    private static final int QUICK_CLIENTS = 4;
    private static final int SECTION_SECONDS = 2;

    /** Until what runs again and again is compiled, and tables are in memory. */
    private static final int WARM_UP_SECONDS = 15;

    private static final int QUICK_WARM_UP_SECONDS = 1;

    /** So that pgbench outlasts the last section. */
    private static final int SPARE_SECONDS = 3;

    /** Sections of each kind to a round. */
    private static final int SECTIONS_PER_ROUND = 6;

    private static final int QUICK_SECTIONS_PER_ROUND = 2;

    /** Of a normal distribution, on both sides, in standard errors. */
    private static final double NINETY_FIVE_PERCENT = 1.96;

    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final String PER_SECOND = "ms/s";

    private final Pgbench pgbench;
    private final WatchingProcess job;
    private final ProcessHandle watched;
    private final ProcessHandle vault;
    private final SessionTimes watchedTimes;
    private final SessionTimes vaultTimes;
    private final RunOptions options;
    private final List<Result> results = new ArrayList<>();

    Comparison(
            Pgbench pgbench,
            WatchingProcess job,
            PostgresServer watched,
            PostgresServer vault,
            RunOptions options)
            throws IOException {
        this.pgbench = pgbench;
        this.job = job;
        this.watched = SessionTimes.postmaster(watched);
        this.vault = SessionTimes.postmaster(vault);
        this.watchedTimes = new SessionTimes(this.watched);
        this.vaultTimes = new SessionTimes(this.vault);
        this.options = options;
    }

    List<Result> run() throws IOException, InterruptedException {
        Optional<Cores> all = Cores.all();
        if (all.isPresent() && all.get().count() > 1) {
            Cores own = all.get().lower();
            Cores others = all.get().upper();
            options.progress()
                    .accept("Cores " + own + " for server and pgbench, " + others + " for job");
            measure("own cores", Optional.of(own), Optional.of(others));
        } else {
            options.progress().accept("No cores to keep apart, or no taskset to do it");
        }
        measure("shared cores", all, all);
        return results;
    }

    private void measure(String placing, Optional<Cores> ofServer, Optional<Cores> ofJob)
            throws IOException, InterruptedException {
        int clients = options.quick() ? QUICK_CLIENTS : CLIENTS;
        int warmUp = options.quick() ? QUICK_WARM_UP_SECONDS : WARM_UP_SECONDS;
        int pairs =
                options.rounds()
                        * (options.quick() ? QUICK_SECTIONS_PER_ROUND : SECTIONS_PER_ROUND);
        options.progress()
                .accept(
                        "%s: %d clients, %d sections of twice %d s"
                                .formatted(placing, clients, pairs, SECTION_SECONDS));
        List<Section> sections = new ArrayList<>();
        Usage usage = Usage.NONE;
        if (ofServer.isPresent() && ofJob.isPresent()) {
            ofServer.get().hold(watched);
            ofJob.get().hold(vault);
            ofJob.get().hold(job.handle());
        }
        int total = warmUp + 2 * pairs * SECTION_SECONDS;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(warmUp);
        try (Pgbench.Load load = pgbench.load(clients, total + SPARE_SECONDS)) {
            if (ofServer.isPresent()) {
                ofServer.get().hold(load.handle());
            }
            awaitAndLook(end);
            for (int pair = 0; pair < pairs; pair++) {
                // Who begins changes, so that each kind is as early as the other.
                boolean first = pair % 2 == 0;
                for (boolean isWatched : new boolean[] {first, !first}) {
                    end += TimeUnit.SECONDS.toNanos(SECTION_SECONDS);
                    usage = usage.plus(section(isWatched, end, sections));
                }
            }
            job.resume();
            report(placing, load.work(sections), usage);
        }
    }

    /** Returns what was used while the server was watched. */
    private Usage section(boolean isWatched, long end, List<Section> into)
            throws IOException, InterruptedException {
        if (isWatched) {
            job.resume();
        } else {
            job.pause();
        }
        Usage before = usage();
        long from = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        awaitAndLook(end);
        into.add(
                new Section(
                        isWatched, from, ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())));
        return isWatched ? usage().since(before) : Usage.NONE;
    }

    /** Sees also sessions that end meanwhile, but for what they use within a second. */
    private void awaitAndLook(long end) throws InterruptedException {
        for (long left; (left = end - System.nanoTime()) > 0; ) {
            TimeUnit.NANOSECONDS.sleep(Math.min(left, LOOK_NANOS));
            watchedTimes.look();
        }
    }

    private Usage usage() {
        watchedTimes.look();
        vaultTimes.look();
        return new Usage(
                System.nanoTime(),
                watchedTimes.of(OverheadBenchmark.COLLECTOR),
                watchedTimes.of(PostgresServer.SUPERUSER),
                vaultTimes.of(OverheadBenchmark.WRITER),
                job.used().toNanos());
    }

    private void report(String placing, List<Pgbench.Work> works, Usage usage) {
        beside(
                placing + ", throughput",
                "transactions/s",
                works,
                Pgbench.Work::transactionsPerSecond);
        beside(placing + ", p95 latency", "ms", works, Pgbench.Work::p95Millis);
        if (!SessionTimes.arePossible()) {
            return;
        }
        double clock = usage.clock() / 1000.0;
        results.add(
                Result.against(
                        placing + ", processor time of the collector's sessions",
                        usage.collector() / clock,
                        PER_SECOND,
                        "pgbench's sessions",
                        usage.clients() / clock));
        results.add(
                Result.against(
                        placing + ", processor time of Flink and the job",
                        usage.job() / clock,
                        PER_SECOND,
                        "one core",
                        1000));
        results.add(
                Result.against(
                        placing + ", processor time of the vault's sessions",
                        usage.vault() / clock,
                        PER_SECOND,
                        "one core",
                        1000));
    }

    private void beside(
            String name,
            String unit,
            List<Pgbench.Work> works,
            ToDoubleFunction<Pgbench.Work> figure) {
        double[] watchedSections = logarithms(true, works, figure);
        double[] others = logarithms(false, works, figure);
        results.add(
                Result.against(
                        name + ", watched",
                        Math.exp(mean(watchedSections)),
                        unit,
                        "pgbench alone",
                        Math.exp(mean(others))));
        double[] ratios = new double[others.length];
        Arrays.setAll(ratios, pair -> watchedSections[pair] - others[pair]);
        results.add(
                Result.against(
                        name + ", ratio uncertain by",
                        100 * NINETY_FIVE_PERCENT * standardError(ratios),
                        "%",
                        "one in a hundred",
                        1));
    }

    /** Of the sections of one kind, in their order. */
    private static double[] logarithms(
            boolean isWatched, List<Pgbench.Work> works, ToDoubleFunction<Pgbench.Work> figure) {
        return works.stream()
                .filter(work -> work.section().watched() == isWatched)
                .mapToDouble(figure)
                .map(Math::log)
                .toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    /** Of the mean; not a number for a single value. */
    private static double standardError(double[] values) {
        double mean = mean(values);
        double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
        return Math.sqrt(squares / (values.length - 1) / values.length);
    }
}
