package io.onevault.benchmarks.locks;

import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.RunOptions;
import java.util.List;

/**
 * From the moment somebody begins to wait, on the server's clock, until the row that says so can be
 * read from the vault: 200 clients in chains, queues and deadlocks, default settings. A wait that
 * is over before the next look is not seen; how many are is measured too. Beside it stands how long
 * the server itself waits before it looks at a wait for the first time.
 */
public final class LockLatencyBenchmark implements Benchmark {

    private static final int CLIENTS = 200;
    private static final int QUICK_CLIENTS = 20;
    private static final int SECONDS = 60;
    private static final int QUICK_SECONDS = 3;
    private static final double DEADLOCK_TIMEOUT_MILLIS = 1000;
    private static final long SEED = 11;

    private static final String WAITS =
            """
            SELECT extract(epoch FROM pg_xact_commit_timestamp(h.xmin) - min(s.wait_start)) * 1000
              FROM lock_monitoring.lock_activity_h AS h
              JOIN lock_monitoring.lock_activity_s AS s USING (lock_activity_hk)
             WHERE h.load_date > %s
             GROUP BY h.lock_activity_hk, h.xmin
            """;

    /**
     * But for those that a deadlock leaves behind: who waited in it was told with the deadlock, and
     * has a root blocker only when it is over.
     */
    private static final String INCIDENTS =
            """
            SELECT extract(epoch FROM pg_xact_commit_timestamp(h.xmin) - min(s.opened_at)) * 1000
              FROM lock_monitoring.blocking_session_h AS h
              JOIN lock_monitoring.blocking_session_s AS s USING (blocking_session_hk)
             WHERE h.load_date > %s
               AND NOT EXISTS (
                   SELECT
                     FROM lock_monitoring.lock_blocking_l AS l
                     JOIN lock_monitoring.lock_activity_s AS w USING (lock_activity_hk)
                    WHERE l.blocking_session_hk = h.blocking_session_hk AND w.deadlock_detected)
             GROUP BY h.blocking_session_hk, h.xmin
            """;

    @Override
    public String name() {
        return "lock-latency";
    }

    @Override
    public String description() {
        return "wait start to vault row, beside deadlock_timeout";
    }

    @Override
    public List<Result> run(RunOptions options) throws Exception {
        int clients = options.quick() ? QUICK_CLIENTS : CLIENTS;
        int seconds = options.quick() ? QUICK_SECONDS : SECONDS;
        options.progress().accept("Starting two servers and Flink");
        try (WatchedServer watched = new WatchedServer(clients);
                Contention contention =
                        new Contention(watched.server(), WatchedServer.DATABASE, clients)) {
            watched.watchAndWarmUp();
            double before = watched.number("SELECT count(*) FROM lock_monitoring.lock_activity_h");
            String since = watched.moment();
            options.progress().accept(clients + " clients for " + seconds + " s");
            contention.mixed(seconds, SEED);
            watched.awaitEnd();
            double[] waits = sorted(watched.values(WAITS.formatted(since)));
            double[] incidents = sorted(watched.values(INCIDENTS.formatted(since)));
            double seen =
                    watched.number("SELECT count(*) FROM lock_monitoring.lock_activity_h") - before;
            return List.of(
                    against("waits, p50", waits, 0.5),
                    against("waits, p99", waits, 0.99),
                    against("waits, longest", waits, 1),
                    against("incidents, p50", incidents, 0.5),
                    against("incidents, p99", incidents, 0.99),
                    against("incidents, longest", incidents, 1),
                    Result.against("waits seen", seen, "", "arranged", contention.waits()),
                    Result.against("incidents", incidents.length, "", "waits seen", seen));
        }
    }

    private static Result against(String what, double[] sorted, double share) {
        return Result.against(
                what, quantile(sorted, share), "ms", "deadlock_timeout", DEADLOCK_TIMEOUT_MILLIS);
    }

    private static double[] sorted(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }

    /** The least value that at least {@code share} of all do not exceed. */
    private static double quantile(double[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
}
