package io.onevault.forecasting.series;

import io.onevault.forecasting.fit.LevelShifts;
import java.util.Arrays;
import java.util.List;

/**
 * A series made ready for fitting: gaps interpolated, isolated spikes replaced, season known.
 *
 * <p>Models fit {@link #fitted}; errors are always measured against {@link #actual} and only where
 * a value was observed, so that neither filling nor cleaning flatters a model.
 */
public final class History {

    /** A series that hardly ever moves and moves more often than this grows in that way. */
    private static final int FEW_MOVES = 2;

    private final double[] actual;
    private final double[] fitted;
    private final Seasons seasons;
    private final DataQuality quality;
    private final double[] offsets;
    private final double scale;

    private History(
            double[] actual,
            double[] fitted,
            Seasons seasons,
            DataQuality quality,
            double[] offsets) {
        this.actual = actual;
        this.fitted = fitted;
        this.seasons = seasons;
        this.quality = quality;
        this.offsets = offsets;
        this.scale = meanAbsoluteChange(fitted);
    }

    /**
     * Prepares a series.
     *
     * @param seasonHint season length in steps, or 0 or 1 if not known
     */
    public static History of(TimeSeries series, int seasonHint) {
        double[] actual = series.copy();
        double[] filled = actual.clone();
        int missing = 0;
        int longestGap = 0;
        int gap = 0;
        for (double value : actual) {
            gap = Double.isNaN(value) ? gap + 1 : 0;
            missing += Double.isNaN(value) ? 1 : 0;
            longestGap = Math.max(longestGap, gap);
        }
        interpolate(filled);
        Seasons seasons = SeasonDetector.detect(filled, seasonHint);
        int outliers = SpikeFilter.clean(filled, seasons.primary());
        DataQuality quality =
                DataQuality.of(
                        actual.length - missing,
                        missing,
                        series.duplicates(),
                        series.invalid(),
                        outliers,
                        longestGap);
        return new History(actual, filled, seasons, quality, new double[actual.length]);
    }

    /**
     * The same history brought to its newest level, as if the few shifts that happened once had
     * happened before it began; this one if there are none.
     *
     * @param horizon steps ahead to be forecast
     */
    public History levelled(int horizon) {
        if (movesRarely() && moves() > FEW_MOVES) {
            return this;
        }
        List<LevelShifts.Shift> shifts = LevelShifts.find(fitted, horizon, seasons.primary());
        if (shifts.isEmpty()) {
            return this;
        }
        double[] shift = LevelShifts.offsets(shifts, fitted.length);
        double[] levelActual = actual.clone();
        double[] levelFitted = fitted.clone();
        for (int i = 0; i < shift.length; i++) {
            levelActual[i] += shift[i];
            levelFitted[i] += shift[i];
        }
        return new History(levelActual, levelFitted, seasons, quality, shift);
    }

    private static void interpolate(double[] values) {
        int last = -1;
        for (int i = 0; i < values.length; i++) {
            if (Double.isNaN(values[i])) {
                continue;
            }
            for (int j = last + 1; last >= 0 && j < i; j++) {
                double share = (double) (j - last) / (i - last);
                values[j] = values[last] + share * (values[i] - values[last]);
            }
            last = i;
        }
    }

    private static double meanAbsoluteChange(double[] values) {
        double sum = 0;
        for (int i = 1; i < values.length; i++) {
            sum += Math.abs(values[i] - values[i - 1]);
        }
        return values.length < 2 ? 0 : sum / (values.length - 1);
    }

    /** Steps, gaps included. */
    public int length() {
        return fitted.length;
    }

    /** What was observed at a position, brought to the newest level; NaN in a gap. */
    public double actual(int position) {
        return actual[position];
    }

    /** First positions after the shifts that were taken out, ascending. */
    public int[] shifts() {
        int[] found = new int[offsets.length];
        int count = 0;
        for (int i = 1; i < offsets.length; i++) {
            if (offsets[i] != offsets[i - 1]) {
                found[count++] = i;
            }
        }
        return Arrays.copyOf(found, count);
    }

    /** What was added to the values of a position to bring them to the newest level. */
    public double offset(int position) {
        return offsets[position];
    }

    /** The values models fit; shared, not to be changed. */
    public double[] fitted() {
        return fitted;
    }

    public Seasons seasons() {
        return seasons;
    }

    public DataQuality quality() {
        return quality;
    }

    /** Mean absolute change from step to step; the natural unit of error. */
    public double scale() {
        return scale;
    }

    /** Mean absolute value; tells rounding from size. */
    public double size() {
        double sum = 0;
        for (double value : fitted) {
            sum += Math.abs(value);
        }
        return fitted.length == 0 ? 0 : sum / fitted.length;
    }

    /** Mean absolute change over one season (or one step), the scale of MASE. */
    public double seasonalScale() {
        int lag = Math.min(seasons.primary(), Math.max(1, fitted.length - 1));
        double sum = 0;
        for (int i = lag; i < fitted.length; i++) {
            sum += Math.abs(fitted[i] - fitted[i - lag]);
        }
        return fitted.length <= lag ? 0 : sum / (fitted.length - lag);
    }

    /** Whether the series changes on fewer than half of its steps. */
    public boolean movesRarely() {
        return quiet() > 0.5;
    }

    /** Share of steps on which nothing changed. */
    private double quiet() {
        int steps = fitted.length - 1;
        return steps < 1 ? 0 : (double) (steps - moves()) / steps;
    }

    private int moves() {
        int moves = 0;
        for (int i = 1; i < fitted.length; i++) {
            moves += fitted[i] == fitted[i - 1] ? 0 : 1;
        }
        return moves;
    }

    public boolean positive() {
        for (double value : fitted) {
            if (value <= 0) {
                return false;
            }
        }
        return fitted.length > 0;
    }
}
