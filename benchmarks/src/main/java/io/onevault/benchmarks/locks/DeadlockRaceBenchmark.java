package io.onevault.benchmarks.locks;

import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.RunOptions;
import java.util.List;

/**
 * Who tells of a deadlock first: the vault, or the server when {@code deadlock_timeout} is over and
 * it ends one of the sessions. Deadlocks of two to four, default settings.
 */
public final class DeadlockRaceBenchmark implements Benchmark {

    private static final int CLIENTS = 50;
    private static final int QUICK_CLIENTS = 10;
    private static final int SECONDS = 60;
    private static final int QUICK_SECONDS = 3;
    private static final double DEADLOCK_TIMEOUT_MILLIS = 1000;
    private static final long SEED = 12;

    /** When the first row of each event could be read, and its newest row. */
    private static final String EVENTS =
            """
            WITH event AS (
                SELECT pg_xact_commit_timestamp(h.xmin) AS readable, s.*
                  FROM lock_monitoring.deadlock_event_h AS h
                  JOIN lock_monitoring.deadlock_event_s AS s USING (deadlock_event_hk)
                 WHERE s.load_end_date IS NULL AND s.outcome = 'DEADLOCK'
            )
            """;

    @Override
    public String name() {
        return "deadlock-race";
    }

    @Override
    public String description() {
        return "deadlocks in the vault before the server ends them";
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
            options.progress().accept(clients + " clients for " + seconds + " s");
            contention.deadlocksOnly(seconds, SEED);
            watched.awaitEnd();
            double server =
                    watched.numberAtServer(
                            "SELECT deadlocks FROM pg_stat_database WHERE datname ="
                                    + " current_database()");
            return List.of(
                    Result.against(
                            "deadlocks in the vault",
                            watched.number(
                                    EVENTS + "SELECT coalesce(sum(event_count), 0) FROM event"),
                            "",
                            "pg_stat_database",
                            server),
                    Result.against(
                            "readable before the server ended it",
                            watched.number(
                                    EVENTS
                                            + "SELECT count(*) FROM event WHERE readable <"
                                            + " reported_at"),
                            "",
                            "pg_stat_database",
                            server),
                    Result.against(
                            "cycle to vault row, median",
                            watched.number(
                                    EVENTS
                                            + "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY"
                                            + " extract(epoch FROM readable - deadlock_timestamp))"
                                            + " * 1000 FROM event"),
                            "ms",
                            "deadlock_timeout",
                            DEADLOCK_TIMEOUT_MILLIS),
                    Result.against(
                            "cycle to vault row, longest",
                            watched.number(
                                    EVENTS
                                            + "SELECT max(extract(epoch FROM readable -"
                                            + " deadlock_timestamp)) * 1000 FROM event"),
                            "ms",
                            "deadlock_timeout",
                            DEADLOCK_TIMEOUT_MILLIS));
        }
    }
}
