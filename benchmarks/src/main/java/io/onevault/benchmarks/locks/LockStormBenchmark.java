package io.onevault.benchmarks.locks;

import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.Rounds;
import io.onevault.benchmarks.RunOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock storm: everybody wants one table, whose holder lets go after some seconds. How long it
 * takes until all had read it, watched beside alone, and how often the locks are looked at
 * meanwhile.
 */
public final class LockStormBenchmark implements Benchmark {

    private static final int WAITERS = 2_000;
    private static final int QUICK_WAITERS = 20;
    private static final int HOLD_SECONDS = 10;
    private static final int QUICK_HOLD_SECONDS = 2;
    private static final double TARGET_PER_SECOND = 1;

    private static final String SNAPSHOTS =
            """
            SELECT coalesce(sum(s.calls), 0)
              FROM pg_stat_statements AS s JOIN pg_roles AS r ON r.oid = s.userid
             WHERE r.rolname = 'collector' AND s.query LIKE '%virtualtransaction%pg_locks%'
            """;

    @Override
    public String name() {
        return "lock-storm";
    }

    @Override
    public String description() {
        return "2,000 waiters for one table, watched beside alone";
    }

    @Override
    public List<Result> run(RunOptions options) throws Exception {
        int waiters = options.quick() ? QUICK_WAITERS : WAITERS;
        int hold = options.quick() ? QUICK_HOLD_SECONDS : HOLD_SECONDS;
        options.progress().accept("Starting two servers and Flink");
        List<Double> rates = new ArrayList<>();
        try (WatchedServer watched = new WatchedServer(waiters);
                Storm storm = new Storm(watched.server(), WatchedServer.DATABASE, waiters)) {
            options.progress().accept(waiters + " waiters, " + options.rounds() + " rounds");
            Rounds.Medians seconds =
                    new Rounds()
                            .with(
                                    "alone",
                                    () -> {
                                        storm.gather();
                                        pause(hold);
                                        return storm.release();
                                    })
                            .with(
                                    "watched",
                                    () -> {
                                        watched.watch();
                                        storm.gather();
                                        double before = watched.numberAtServer(SNAPSHOTS);
                                        pause(hold);
                                        double after = watched.numberAtServer(SNAPSHOTS);
                                        rates.add((after - before) / hold);
                                        double took = storm.release();
                                        watched.leave();
                                        return took;
                                    })
                            .run(options.rounds());
            return List.of(
                    Result.against(
                            "until all " + waiters + " had the table, watched",
                            seconds.of("watched"),
                            "s",
                            "alone",
                            seconds.of("alone")),
                    Result.against(
                            "looks at the lock table",
                            Rounds.median(
                                    rates.stream().mapToDouble(Double::doubleValue).toArray()),
                            "1/s",
                            "target",
                            TARGET_PER_SECOND));
        }
    }

    private static void pause(int seconds) {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
    }
}
