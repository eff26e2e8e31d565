package io.onevault.forecasting.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A few moves to another level that happened once, each within few steps, and that are over:
 * somebody moved in, an archive run, a new release. They say nothing about how a series grows, and
 * every window that reaches over one would take it for growth.
 *
 * <p>Role: taken out of a history before models are fitted and judged, as in the intervention
 * analysis of Box &amp; Tiao (1975, JASA 70) with the level shifts of Chen &amp; Liu (1993, JASA
 * 88). A shift is a change over one step, or over the steps of a short ramp, far outside what the
 * series usually does over as many steps, with usual changes before and after. The second, lower
 * bound (as in Canny 1986, IEEE PAMI 8) keeps growth about as large as the first from being cut
 * into pieces. Growth that goes on until the newest value is no shift, nor is what happens often or
 * again and again in the same direction: that is how the series grows. Cost: O(n).
 */
public final class LevelShifts {

    /**
     * One shift.
     *
     * @param from last position on the old level
     * @param to first position on the new level
     * @param height new level minus old, without the ordinary growth in between
     */
    public record Shift(int from, int to, double height) {}

    /** Points that must have passed before and after. */
    private static final int CONFIRMED = 7;

    private static final double BOUND = 12;
    private static final double LOWER_BOUND = BOUND / 3;

    /** Share of the whole range below which nothing is worth the name. */
    private static final double LEAST = 0.02;

    private static final int MOST = 4;
    private static final int REPEATED = 3;
    private static final int RAMPS_PER_HORIZON = 9;
    private static final int LONGEST_RAMP = 14;
    private static final int WINDOW = 30;
    private static final double IN_ONE_STEP = 0.5;

    /** First autocorrelation of the changes of values that scatter about a level is -0.5. */
    private static final double SCATTERS = -0.2;

    private LevelShifts() {}

    /**
     * Finds them.
     *
     * @param horizon steps ahead to be forecast; what happens more often than that is no exception
     * @param season steps, 0 or 1 for none
     * @return ascending, without overlaps; empty when there are too many
     */
    public static List<Shift> find(double[] y, int horizon, int season) {
        int n = y.length;
        if (n < 3 * CONFIRMED) {
            return List.of();
        }
        List<int[]> bursts = bursts(y, 1);
        int ramp = ramp(horizon, season);
        if (ramp > 1 && n > 4 * ramp) {
            add(bursts, bursts(y, ramp), ramp);
        }
        int average = season > 1 ? season : CONFIRMED;
        if (average <= LONGEST_RAMP && n > 4 * average) {
            add(bursts, hidden(y, average), average);
        }
        if (bursts.isEmpty() || bursts.size() > Math.max(1, Math.min(MOST, n / horizon))) {
            return List.of();
        }
        bursts.sort((a, b) -> Integer.compare(a[0], b[0]));
        List<Shift> shifts = heights(y, bursts, season);
        boolean grows = shifts.stream().allMatch(shift -> shift.height() > 0);
        boolean shrinks = shifts.stream().allMatch(shift -> shift.height() < 0);
        return shifts.size() >= REPEATED && (grows || shrinks) ? List.of() : shifts;
    }

    /** What to add to each value to bring it to the newest level; 0 from the last shift on. */
    public static double[] offsets(List<Shift> shifts, int n) {
        double[] offsets = new double[n];
        for (Shift shift : shifts) {
            double width = shift.to() - shift.from();
            for (int i = 0; i < shift.to(); i++) {
                double left = Math.min(1, (shift.to() - i) / width);
                offsets[i] += left * shift.height();
            }
        }
        return offsets;
    }

    /** Steps of the longest ramp; whole weeks, so that the season cancels out. 1 for none. */
    private static int ramp(int horizon, int season) {
        int steps = horizon / RAMPS_PER_HORIZON;
        if (season > LONGEST_RAMP) {
            return 1;
        }
        int whole = season > 1 ? (steps + season - 1) / season * season : steps;
        return Math.min(LONGEST_RAMP, whole);
    }

    private static void add(List<int[]> bursts, List<int[]> more, int gap) {
        for (int[] burst : more) {
            if (bursts.stream().noneMatch(other -> overlap(burst, other, gap))) {
                bursts.add(burst);
            }
        }
    }

    /**
     * Jumps too small to stand out between two values and large enough to stand out between means
     * of as many before and after, when most of them happens in one step.
     */
    private static List<int[]> hidden(double[] y, int width) {
        double[] means = new double[y.length - width + 1];
        WindowSums sums = new WindowSums(y);
        Arrays.setAll(means, i -> sums.mean(i, i + width));
        List<int[]> found = new ArrayList<>();
        for (int[] burst : bursts(means, width)) {
            int about = (burst[0] + burst[1] + width) / 2;
            int best = about;
            for (int i = about - width / 3; i <= about + width / 3; i++) {
                boolean inside = i > 0 && i < y.length;
                best = inside && change(y, i) > change(y, best) ? i : best;
            }
            int to = Math.min(y.length, best + width);
            double height = sums.mean(best, to) - sums.mean(Math.max(0, best - width), best);
            if (change(y, best) > IN_ONE_STEP * Math.abs(height) && y.length - best >= CONFIRMED) {
                found.add(new int[] {best - 1, best});
            }
        }
        return found;
    }

    private static double change(double[] y, int at) {
        return Math.abs(y[at] - y[at - 1]);
    }

    private static boolean overlap(int[] a, int[] b, int gap) {
        return a[0] < b[1] + gap && b[0] < a[1] + gap;
    }

    /** Last old and first new position of each group of unusual changes over {@code span} steps. */
    private static List<int[]> bursts(double[] y, int span) {
        int count = y.length - span;
        double[] change = new double[count];
        for (int i = 0; i < count; i++) {
            change[i] = y[i + span] - y[i];
        }
        double centre = Order.select(change.clone(), count, count / 2);
        double[] size = new double[count];
        for (int i = 0; i < count; i++) {
            size[i] = Math.abs(change[i] - centre);
        }
        double usual = Order.select(size.clone(), count, (int) (0.75 * (count - 1)));
        double bound = Math.max(BOUND * usual, LEAST * range(y));
        double lower = Math.max(LOWER_BOUND * usual, LEAST * range(y) / 2);
        List<int[]> found = new ArrayList<>();
        int i = 0;
        while (i < count) {
            if (size[i] <= lower) {
                i++;
                continue;
            }
            int first = i;
            double sign = Math.signum(change[i] - centre);
            double most = 0;
            while (i < count && size[i] > lower && sign * (change[i] - centre) > 0) {
                most = Math.max(most, size[i]);
                i++;
            }
            boolean over = first > 0 && i < count;
            if (most > bound && over && i - first <= 2 * span) {
                found.add(ends(first, i - 1, span, y.length));
            }
        }
        found.removeIf(burst -> burst[0] + 1 < CONFIRMED || y.length - burst[1] < CONFIRMED);
        return found;
    }

    /** A sharp jump makes a group as long as the span, a ramp a longer one, without its ends. */
    private static int[] ends(int first, int last, int span, int n) {
        int from = first + span - 1;
        int to = last + 1;
        if (to < from + 1) {
            from = (from + to) / 2;
            to = from + 1;
        }
        int hidden = to - from > 1 ? (to - from + 1) / 2 : 0;
        return new int[] {Math.max(0, from - hidden), Math.min(n - 1, to + hidden)};
    }

    private static double range(double[] y) {
        double low = y[0];
        double high = y[0];
        for (double value : y) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        return high - low;
    }

    /**
     * In a series that scatters about its level, lines through both sides say how far apart they
     * are; in one that wanders, the values next to the shift do.
     */
    private static List<Shift> heights(double[] y, List<int[]> bursts, int season) {
        double[] change = new double[y.length - 1];
        for (int i = 0; i < change.length; i++) {
            change[i] = y[i + 1] - y[i];
        }
        double step = Order.select(change.clone(), change.length, change.length / 2);
        boolean scatters = season > 1 || correlation(change, step) < SCATTERS;
        WindowSums sums = new WindowSums(y);
        int window = season > 1 ? (WINDOW + season - 1) / season * season : WINDOW;
        List<Shift> shifts = new ArrayList<>();
        for (int k = 0; k < bursts.size(); k++) {
            int from = bursts.get(k)[0];
            int to = bursts.get(k)[1];
            double height = y[to] - y[from] - step * (to - from);
            if (scatters) {
                int start = k == 0 ? 0 : bursts.get(k - 1)[1];
                int end = k + 1 < bursts.size() ? bursts.get(k + 1)[0] + 1 : y.length;
                double middle = (from + to) / 2.0;
                height =
                        at(sums, to, Math.min(end, to + window), middle)
                                - at(sums, Math.max(start, from + 1 - window), from + 1, middle);
            }
            shifts.add(new Shift(from, to, height));
        }
        return shifts;
    }

    /** The line through {@code [from, to)}, or its mean if it is short, at a position beside it. */
    private static double at(WindowSums sums, int from, int to, double position) {
        double slope = to - from < CONFIRMED ? 0 : sums.slope(from, to);
        return sums.mean(from, to) + slope * (position - (from + to - 1) / 2.0);
    }

    /** First autocorrelation of the changes, each bounded, so that the shifts do not decide. */
    private static double correlation(double[] change, double centre) {
        double[] rest = new double[change.length];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = Math.abs(change[i] - centre);
        }
        double bound = 3 * Order.select(rest, rest.length, rest.length / 2);
        Arrays.setAll(rest, i -> Math.max(-bound, Math.min(bound, change[i] - centre)));
        double square = 0;
        double cross = 0;
        for (int i = 0; i < rest.length; i++) {
            square += rest[i] * rest[i];
            cross += i == 0 ? 0 : rest[i] * rest[i - 1];
        }
        return square == 0 ? 0 : cross / square;
    }
}
