package io.onevault.jobs.metrics.baseline;

import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneRules;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One series: takes the means of its windows in the order of their time, learns from each hour when
 * it is over, and says how far each window is from what is usual.
 *
 * <p>Hours are those of the clock on the wall, so that a job that runs at two in the morning does
 * so all year. The hour that is there twice when the clock is put back counts once.
 *
 * <p>A window is held against what was usual before its hour began, so it never excuses itself.
 * Usually that is worked out in the hour before, at a minute of the series' own, so that thousands
 * of series do not work at the same moment; it then knows one hour less.
 */
public final class SeriesBaseline {

    /** Days of past before which nothing is called unusual. */
    public static final int LEAST_DAYS = 14;

    /** Days of past that are remembered. */
    public static final int MOST_DAYS = 28;

    /** The score from which a window is far off, and below which it is close again. */
    public static final double UNUSUAL = 6;

    private static final double CLOSE = 4;

    /** Windows in a row that begin or end an unusual stretch. */
    private static final int STREAK = 3;

    /** Windows that an hour must have for their spread to be known. */
    private static final int LEAST_WINDOWS = 6;

    private static final long HOUR = 3_600_000L;
    private static final long MINUTE = 60_000L;

    /**
     * The least scale by unit: a sixth of the least difference that anybody would look at. Units
     * that are not here have none but the share of the expected value.
     */
    private static final Map<String, Double> LEAST_SCALE =
            Map.ofEntries(
                    Map.entry("count", 1.0),
                    Map.entry("connections", 1.0),
                    Map.entry("transactions", 1.0),
                    Map.entry("%", 1.0),
                    Map.entry("s", 1.0),
                    Map.entry("ms", 1.0),
                    Map.entry("per_second", 0.1),
                    Map.entry("ms_per_second", 1.0),
                    Map.entry("bytes", 1_048_576.0),
                    Map.entry("bytes_per_second", 10_240.0));

    private final ZoneRules zone;

    /**
     * @param zone by whose clock hours are counted
     */
    public SeriesBaseline(ZoneId zone) {
        this.zone = zone.getRules();
    }

    /** The hour that a window belongs to, in hours of local time since the epoch. */
    public long hourOf(long start) {
        return Math.floorDiv(local(start), HOUR);
    }

    private long local(long start) {
        return start + zone.getOffset(Instant.ofEpochMilli(start)).getTotalSeconds() * 1_000L;
    }

    /** Whether the window is the first of another hour, so that the history is needed. */
    public boolean turns(BaselineHour now, long start) {
        return hourOf(start) > now.hour;
    }

    /**
     * Whether it is time to work out what will be usual in the next hour.
     *
     * @param minute of the hour from which on it is
     */
    public boolean prepares(BaselineHour now, long start, int minute) {
        return now.nextHour <= now.hour && Math.floorMod(local(start), HOUR) / MINUTE >= minute;
    }

    /** Works that out. */
    public void prepare(BaselineHour now, BaselineHistory history, String unit) {
        now.prepare(now.hour + 1, usual(now.hour + 1, history, unit));
    }

    /**
     * Learns from the hour that is over, and begins the window's.
     *
     * @return how the hour was; null while nothing is called unusual
     */
    public @Nullable HourRating turn(
            BaselineHour now, BaselineHistory history, long start, String unit) {
        HourRating rating = null;
        double[] values = now.sorted();
        if (values.length > 0) {
            double median = Robust.ofSorted(values, values.length);
            Usual was = now.usual();
            history.add(
                    now.hour,
                    median,
                    values.length < LEAST_WINDOWS ? Double.NaN : Robust.spread(values),
                    HourOfWeek.teaches(was) ? median - was.expected() : Double.NaN);
            if (rates(was)) {
                boolean peaked = now.peakScore != 0;
                rating =
                        new HourRating(
                                now.hourSince,
                                now.lastEnd,
                                peaked ? now.peakValue : median,
                                was.expected(),
                                peaked ? now.peakScore : Deviation.of(median, was).score(),
                                peaked);
            }
        }
        long hour = hourOf(start);
        Usual usual = hour == now.nextHour ? now.next() : usual(hour, history, unit);
        now.begin(hour, start, usual);
        return rating;
    }

    private static Usual usual(long hour, BaselineHistory history, String unit) {
        return HourOfWeek.in(hour, history, LEAST_SCALE.getOrDefault(unit, 0.0));
    }

    /**
     * Takes a window; its hour has begun.
     *
     * @return how far it is from what is usual; null where that is not known
     */
    public @Nullable Deviation take(BaselineHour now, long start, long end, double mean) {
        if (now.since == 0) {
            now.since = start;
        }
        now.lastStart = start;
        now.lastEnd = end;
        now.minutes[(int) (Math.floorMod(start, HOUR) / MINUTE)] = (float) mean;
        Usual usual = now.usual();
        return usual.isKnown() ? Deviation.of(mean, usual) : null;
    }

    /**
     * Notes a window's deviation.
     *
     * @return the unusual stretch that begins with it; null for none
     */
    public @Nullable HourRating note(BaselineHour now, double mean, Deviation deviation) {
        if (!rates(now.usual())) {
            return null;
        }
        double off = Math.abs(deviation.score());
        boolean other = now.unusual ? off < CLOSE : off >= UNUSUAL;
        now.streak = other ? now.streak + 1 : 0;
        boolean began = false;
        if (now.streak == STREAK) {
            began = !now.unusual;
            now.unusual = began;
            now.streak = 0;
        }
        if (now.unusual && off >= CLOSE && off > Math.abs(now.peakScore)) {
            now.peakScore = deviation.score();
            now.peakValue = mean;
        }
        return began
                ? new HourRating(
                        now.lastStart, now.lastEnd, mean, now.expected, deviation.score(), true)
                : null;
    }

    private static boolean rates(Usual usual) {
        return usual.isKnown() && usual.historyDays() >= LEAST_DAYS;
    }
}
