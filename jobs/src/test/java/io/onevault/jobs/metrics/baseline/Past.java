package io.onevault.jobs.metrics.baseline;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongToDoubleFunction;

/** A series of one-minute windows on its way through {@link SeriesBaseline}. */
final class Past {

    /** A Monday, 00:00 UTC. */
    static final long T0 = 1_767_571_200_000L;

    static final int HOUR = 60;
    static final int DAY = 24 * HOUR;
    static final int WEEK = 7 * DAY;
    static final long MINUTE = 60_000;
    private static final int PREPARES = 20;

    final BaselineHour hour = new BaselineHour();
    final BaselineHistory history = new BaselineHistory();
    private final SeriesBaseline baseline;
    private final String unit;

    /** Unusual stretches that began. */
    int stretches;

    /** Of a unit without a least difference, by UTC. */
    Past() {
        this("", ZoneOffset.UTC);
    }

    Past(String unit, ZoneId zone) {
        this.unit = unit;
        this.baseline = new SeriesBaseline(zone);
    }

    /**
     * Takes a window.
     *
     * @param minute since {@link #T0}
     * @return its score, NaN for none
     */
    double take(long minute, double value) {
        long start = T0 + minute * MINUTE;
        if (baseline.turns(hour, start)) {
            baseline.turn(hour, history, start, unit);
        }
        if (baseline.prepares(hour, start, PREPARES)) {
            baseline.prepare(hour, history, unit);
        }
        Deviation deviation = baseline.take(hour, start, start + MINUTE, value);
        if (deviation == null) {
            return Double.NaN;
        }
        if (baseline.note(hour, value, deviation) != null) {
            stretches++;
        }
        return deviation.score();
    }

    /** The farthest score of a stretch, NaN where there was none. */
    double farthest(long from, long until, LongToDoubleFunction values) {
        double farthest = Double.NaN;
        for (long minute = from; minute < until; minute++) {
            double score = take(minute, values.applyAsDouble(minute));
            if (!Double.isNaN(score) && !(Math.abs(score) <= Math.abs(farthest))) {
                farthest = score;
            }
        }
        return farthest;
    }

    /** The median size of the scores of a stretch. */
    double median(long from, long until, LongToDoubleFunction values) {
        double[] scores = new double[(int) (until - from)];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = take(from + i, values.applyAsDouble(from + i));
        }
        return Robust.median(scores, scores.length);
    }
}
