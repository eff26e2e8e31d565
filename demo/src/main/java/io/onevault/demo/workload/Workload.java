package io.onevault.demo.workload;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a database that {@link WorkloadSchema} prepared busy: many clients on real connections,
 * with the faults real platforms have. What each client does is decided by the seed; the clock and
 * the server decide only how far it gets.
 *
 * <p>Uses {@code clients} connections for ordinary clients, three more for deadlocks and six more
 * for blocking. A lost connection is opened again until {@link #close()}, which ends all threads
 * and sessions within {@value #STOP_SECONDS} seconds.
 */
public final class Workload implements AutoCloseable {

    /** Ordinary clients unless said otherwise; 25 connections with the crews. */
    public static final int DEFAULT_CLIENTS = 16;

    private static final int STOP_SECONDS = 5;
    private static final Duration CANCEL_INTERVAL = Duration.ofMillis(200);

    private static final Logger LOG = LoggerFactory.getLogger(Workload.class);

    private final Ledger ledger = new Ledger();
    private final StopSignal stop = new StopSignal();
    private final List<Session> sessions = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final ExecutorService crewThreads;

    private Workload(Settings settings) {
        crewThreads = Executors.newCachedThreadPool(task -> thread("workload-crew-member", task));
        for (Client client : Roster.clients(settings, ledger, stop)) {
            sessions.add(client.session());
            threads.add(thread("workload-" + client.name(), client));
        }
        for (Crew crew : Roster.crews(settings, ledger, stop, crewThreads)) {
            sessions.addAll(crew.members());
            threads.add(thread("workload-" + crew.name(), crew));
        }
        threads.forEach(Thread::start);
    }

    /**
     * Prepares a workload.
     *
     * @param jdbcUrl of the prepared database, without user and password: each client logs in as
     *     its own role
     */
    public static Builder builder(String jdbcUrl) {
        return new Builder(jdbcUrl);
    }

    /** What has been done so far; callable at any time from any thread. */
    public WorkloadReport report() {
        return ledger.report();
    }

    /**
     * Ends all clients: running statements are cancelled, open transactions rolled back. The report
     * stays available.
     */
    @Override
    public void close() {
        stop.raise();
        long deadline = System.nanoTime() + Duration.ofSeconds(STOP_SECONDS).toNanos();
        try {
            for (Thread thread : threads) {
                while (thread.isAlive() && System.nanoTime() < deadline) {
                    sessions.forEach(Session::cancelRunning);
                    thread.join(CANCEL_INTERVAL.toMillis());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            crewThreads.shutdownNow();
        }
    }

    private static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(
                (failed, e) -> LOG.error("{} ended early", failed.getName(), e));
        return thread;
    }

    /** Collects how a workload runs. */
    public static final class Builder {
        private final String jdbcUrl;
        private long seed = 1;
        private double rate = 100;
        private int clients = DEFAULT_CLIENTS;
        private double deadlocksPerMinute = 4;
        private double blockingPerMinute = 15;

        private Builder(String jdbcUrl) {
            if (jdbcUrl.contains("user=")) {
                throw new IllegalArgumentException(
                        "give the JDBC URL without a user: every client has its own role");
            }
            this.jdbcUrl = jdbcUrl;
        }

        /** The seed given to {@link WorkloadSchema#create}; passwords depend on it. Default: 1. */
        public Builder seed(long value) {
            this.seed = value;
            return this;
        }

        /** Ordinary transactions per second of all clients together. Default: 100. */
        public Builder rate(double perSecond) {
            this.rate = requirePositive("rate", perSecond);
            return this;
        }

        /**
         * Ordinary clients, each with a connection; the smallest number with all kinds of them is
         * {@value Roster#FEWEST_CLIENTS}. Default: {@value Workload#DEFAULT_CLIENTS}.
         */
        public Builder clients(int number) {
            if (number < Roster.FEWEST_CLIENTS) {
                throw new IllegalArgumentException(
                        "clients must be at least " + Roster.FEWEST_CLIENTS + ", not " + number);
            }
            this.clients = number;
            return this;
        }

        /** Real deadlocks per minute, on average; zero for none. Default: 4. */
        public Builder deadlocksPerMinute(double number) {
            this.deadlocksPerMinute = requireNotNegative("deadlocksPerMinute", number);
            return this;
        }

        /** Arranged blocking episodes per minute, on average; zero for none. Default: 15. */
        public Builder blockingPerMinute(double number) {
            this.blockingPerMinute = requireNotNegative("blockingPerMinute", number);
            return this;
        }

        /** Starts all clients; they connect in the background. */
        public Workload start() {
            return new Workload(
                    new Settings(
                            jdbcUrl, seed, rate, clients, deadlocksPerMinute, blockingPerMinute));
        }

        private static double requirePositive(String name, double value) {
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(name + " must be above zero, not " + value);
            }
            return value;
        }

        private static double requireNotNegative(String name, double value) {
            if (!(value >= 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(name + " must not be negative, not " + value);
            }
            return value;
        }
    }
}
