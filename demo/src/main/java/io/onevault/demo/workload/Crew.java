package io.onevault.demo.workload;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Sessions that act together under one conductor, which knows what each of them does and so can
 * count the contention it causes exactly. Rows they fight over are theirs alone (see {@link
 * TenantClient#RESERVED}): an ordinary client that came between would change the outcome.
 */
abstract class Crew implements Runnable {

    /** What one member does in a round. */
    @FunctionalInterface
    interface Part {
        boolean play(Session session, int index);
    }

    private static final Duration FIRST_ROUND = Duration.ofMillis(500);

    private final String name;
    private final double roundsPerMinute;
    private final long seed;
    private final StopSignal stop;
    private final ExecutorService threads;
    private final List<Session> members = new ArrayList<>();

    Crew(
            String name,
            double roundsPerMinute,
            List<String> roles,
            Settings settings,
            Ledger ledger,
            StopSignal stop,
            ExecutorService threads) {
        this.name = name;
        this.roundsPerMinute = roundsPerMinute;
        this.seed = settings.seed();
        this.stop = stop;
        this.threads = threads;
        for (int i = 0; i < roles.size(); i++) {
            members.add(new Session(settings, roles.get(i), name + "-" + (i + 1), ledger, stop));
        }
    }

    final String name() {
        return name;
    }

    final List<Session> members() {
        return members;
    }

    /** Plays one round; every transaction left open is rolled back afterwards. */
    abstract void round(long number, SplittableRandom random);

    @Override
    public final void run() {
        try {
            stop.pause(FIRST_ROUND);
            long due = System.nanoTime();
            for (long number = 0; !stop.raised(); number++) {
                SplittableRandom random = Seeds.step(seed, name, number);
                round(number, random);
                members.forEach(Session::rollback);
                // From start to start, so that long rounds do not lower the rate asked for.
                due += Math.round(Client.exponential(random) / roundsPerMinute * 60e9);
                due = Math.max(due, System.nanoTime());
                stop.pause(Duration.ofNanos(due - System.nanoTime()));
            }
        } finally {
            members.forEach(Session::close);
        }
    }

    /** Starts {@code part} on a thread of its own. */
    final Future<Boolean> start(Session session, int index, Part part) {
        return threads.submit(() -> part.play(session, index));
    }

    /** Starts {@code part} for every session at once and waits; true when all succeeded. */
    final boolean together(List<Session> sessions, Part part) {
        List<Future<Boolean>> parts = new ArrayList<>();
        for (int i = 0; i < sessions.size(); i++) {
            parts.add(start(sessions.get(i), i, part));
        }
        return finish(parts);
    }

    /** Waits until all parts have ended, each bounded by its session's statement timeout. */
    final boolean finish(List<Future<Boolean>> parts) {
        boolean all = true;
        for (Future<Boolean> part : parts) {
            try {
                all &= part.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(name + " made a mistake", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                stop.raise();
                return false;
            }
        }
        return all;
    }
}
