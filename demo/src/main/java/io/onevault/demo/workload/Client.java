package io.onevault.demo.workload;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * An ordinary client: does one step after the other on its session, at its share of the workload's
 * rate.
 */
abstract class Client implements Runnable {

    /** Steps late by more than this are dropped, so that a pause is not followed by a burst. */
    private static final long LONGEST_ARREARS = Duration.ofSeconds(1).toNanos();

    private final String name;
    private final boolean leader;
    private final double ratePerClient;
    private final double ratePerKind;
    private final long seed;
    private final StopSignal stop;
    private final Session session;

    /**
     * Creates the {@code index}-th of {@code count} clients of one kind.
     *
     * @param role its login role
     */
    Client(
            String kind,
            int index,
            int count,
            String role,
            Settings settings,
            Ledger ledger,
            StopSignal stop) {
        this.name = kind + "-" + (index + 1);
        this.leader = index == 0;
        this.ratePerClient = settings.rate() / settings.clients();
        this.ratePerKind = ratePerClient * count;
        this.seed = settings.seed();
        this.stop = stop;
        this.session = new Session(settings, role, name, ledger, stop);
    }

    final String name() {
        return name;
    }

    final Session session() {
        return session;
    }

    /** Does one step; everything it decides comes from {@code random}. */
    abstract void step(long step, SplittableRandom random);

    @Override
    public final void run() {
        try (session) {
            long due = System.nanoTime();
            for (long step = 0; !stop.raised(); step++) {
                SplittableRandom random = Seeds.step(seed, name, step);
                due += Math.round(exponential(random) / ratePerClient * 1e9);
                due = Math.max(due, System.nanoTime() - LONGEST_ARREARS);
                stop.pause(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
                if (!stop.raised()) {
                    step(step, random);
                }
            }
        }
    }

    /**
     * Whether this step is a rare one that all clients of this kind together take {@code perSecond}
     * times. The first client takes it at step {@code atStep} in any case, so that a short run
     * shows everything.
     */
    final boolean rarely(long step, int atStep, SplittableRandom random, double perSecond) {
        boolean chosen = random.nextDouble() < Math.min(0.2, perSecond / ratePerKind);
        return chosen || (leader && step == atStep);
    }

    /** Draws a waiting time of mean one: arrivals that know nothing of each other. */
    static double exponential(SplittableRandom random) {
        return -Math.log(1 - random.nextDouble());
    }

    /** Draws a duration between the bounds, in milliseconds. */
    static Duration between(SplittableRandom random, int least, int most) {
        return Duration.ofMillis(random.nextInt(least, most + 1));
    }
}
