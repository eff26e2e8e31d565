package io.onevault.jobs.metrics.baseline;

import java.util.Random;
import java.util.function.LongToDoubleFunction;

/** Series as servers have them. */
final class Noise {

    private Noise() {}

    /** A working week: busy on weekdays from 8 to 18, a nightly job at 2, calm at weekends. */
    static double week(long minute) {
        long day = Math.floorMod(minute / Past.DAY, 7);
        double hour = minute % Past.DAY / 60.0;
        double busy = day < 5 ? 900 * Math.exp(-Math.pow((hour - 13) / 4, 2)) : 60;
        double job = hour >= 2 && hour < 3 ? 400 : 0;
        return 100 + busy + job;
    }

    /** The week with independent noise of a share of each value. */
    static LongToDoubleFunction noisyWeek(long seed, double share) {
        Random random = new Random(seed);
        return minute -> week(minute) * (1 + share * random.nextGaussian());
    }

    /**
     * The week with noise that lasts (half gone after {@code halfLife} minutes), is wild (Student's
     * t of 3 degrees) and grows with the value; never below zero.
     */
    static LongToDoubleFunction wildWeek(long seed, double share, double halfLife) {
        Random random = new Random(seed);
        double keep = Math.pow(0.5, 1 / halfLife);
        double[] lasting = {0};
        return minute -> {
            lasting[0] =
                    keep * lasting[0] + Math.sqrt(1 - keep * keep) * share * random.nextGaussian();
            double wild = share * student(random);
            return Math.max(0, week(minute) * (1 + lasting[0] + wild));
        };
    }

    /** Small whole numbers around a hundredth of the week, as of sessions (Poisson's). */
    static LongToDoubleFunction counts(long seed) {
        Random random = new Random(seed);
        return minute -> {
            double limit = Math.exp(-week(minute) / 100);
            int count = 0;
            for (double left = random.nextDouble(); left > limit; left *= random.nextDouble()) {
                count++;
            }
            return count;
        };
    }

    /** Of 3 degrees of freedom, with a standard deviation of 1. */
    private static double student(Random random) {
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            double each = random.nextGaussian();
            sum += each * each;
        }
        return random.nextGaussian() / Math.sqrt(sum);
    }
}
