package io.onevault.demo.past;

/**
 * What is true of a tenant's documents on every day, without noise, in gigabytes; day 0 is the last
 * of the past. Each is a kind of growth that needs another answer.
 */
public enum Growth {
    /** Goes up and down by chance alone. */
    FLAT(100, 0.4) {
        @Override
        double at(double day) {
            return 62;
        }
    },
    /** The same amount every day. */
    LINEAR(500, 1.5) {
        @Override
        double at(double day) {
            return 390 + 0.9 * day;
        }
    },
    /** The same share every day. */
    EXPONENTIAL(400, 1) {
        @Override
        double at(double day) {
            return 180 * Math.exp(0.008 * day);
        }
    },
    /** Work from Monday to Friday, less at the end of the week, and a little more every week. */
    WEEKLY(100, 0.4) {
        @Override
        double at(double day) {
            double[] week = {0, 3, 5.5, 7.5, 8, 4, 1};
            int before = (int) Math.floor(day);
            double share = day - before;
            double wave =
                    (1 - share) * week[Math.floorMod(before, week.length)]
                            + share * week[Math.floorMod(before + 1, week.length)];
            return 66 + 0.11 * day + wave;
        }
    },
    /** Fills up and is cleaned every two weeks: a line through its last days says soon. */
    SAWTOOTH(100, 0.6) {
        @Override
        double at(double day) {
            double cycle = 14;
            double since = Math.floorMod((long) Math.floor(day) + 10, (long) cycle);
            return 24 + 60 * (since + day - Math.floor(day)) / cycle;
        }
    },
    /** Flat, then flat on another level since somebody moved in. */
    STEP(100, 0.4) {
        @Override
        double at(double day) {
            return day < -75 ? 31 : 68;
        }
    };

    private final double capacity;
    private final double noise;

    Growth(double capacity, double noise) {
        this.capacity = capacity;
        this.noise = noise;
    }

    /** The truth of a day, in gigabytes. */
    abstract double at(double day);

    /** Gigabytes that fit. */
    double capacity() {
        return capacity;
    }

    /** Standard deviation of what is measured, in gigabytes. */
    double noise() {
        return noise;
    }
}
