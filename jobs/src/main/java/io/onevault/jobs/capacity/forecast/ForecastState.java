package io.onevault.jobs.capacity.forecast;

import static io.onevault.jobs.capacity.forecast.ResourceHistory.DAY;

import io.onevault.jobs.capacity.ResourceUtilization;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one resource: its history, what was foretold of it, how that came true, and
 * when it is looked at next. A mutable Flink POJO; below 64 kB at any age, for of the forecasts of
 * each horizon at most about thirty wait to be scored.
 */
public final class ForecastState {

    /** A resource is looked at early when so many of its states in a row were not foreseen. */
    static final int SURPRISES = 3;

    private static final int PENDING_OF_HORIZON = 30;
    private static final int LATE_ACTUAL_DAYS = 2;

    /** The busiest time of so many days tells what a connection is needed for. */
    private static final int BUSIEST_OF_DAYS = 31;

    public Resource resource = new Resource("", "", "", "", "", "");
    public ResourceHistory history = new ResourceHistory();

    /** Most connections that executed a statement, by day; empty for other resources. */
    public Points executing = new Points();

    public List<PendingProjection> pending = new ArrayList<>();
    public TrackRecord track = TrackRecord.NONE;

    /** End of the newest state the latest forecast is based on. */
    public long madeAsOf = Long.MIN_VALUE;

    /** The levels that the latest forecast is about; nothing before there is one. */
    public double madeWarning = Double.NaN;

    public double madeCritical = Double.NaN;

    /** When it is looked at next, {@link Long#MIN_VALUE} before that is known. */
    public long timer = Long.MIN_VALUE;

    /** Whether its turn was put off because too many were due at once. */
    public boolean putOff;

    /** The day after the latest forecast, and the 95 % bounds of it and those that follow. */
    public long nearDay = Long.MIN_VALUE;

    /** What the latest forecast began from. */
    public double nearStart;

    public double[] nearLow = {};
    public double[] nearHigh = {};
    public int surprises;

    /** Whether anything is known of a resource yet. */
    public boolean isNew() {
        return timer == Long.MIN_VALUE;
    }

    /**
     * Takes over a state of the resource.
     *
     * @param live false for what the vault remembers
     * @return whether it has surprised often enough that the forecast does not hold
     */
    public boolean add(ResourceUtilization u, boolean live, int daysKept) {
        boolean newer = u.periodEnd() > history.currentEnd;
        if (newer || resource.series().isEmpty()) {
            resource = Resource.of(u);
        }
        boolean changed =
                history.add(
                        u.periodEnd(),
                        u.periodSeconds() * 1000L,
                        u.currentValue(),
                        u.maxCapacity(),
                        Resource.peaks(u.resourceType()),
                        live,
                        daysKept);
        if (!Double.isNaN(u.executing())) {
            executing.putPeak(u.periodEnd(), u.executing(), DAY);
            executing.keep(BUSIEST_OF_DAYS, DAY);
        }
        if (!live || !newer || !changed) {
            return false;
        }
        surprises = surprising(u.periodEnd(), u.currentValue()) ? surprises + 1 : 0;
        return surprises >= SURPRISES;
    }

    /** Whether there is a forecast, and it is about other levels than these. */
    public boolean madeForOther(Levels levels) {
        return madeAsOf > Long.MIN_VALUE
                && (levels.warning() != madeWarning || levels.critical() != madeCritical);
    }

    private boolean surprising(long end, double value) {
        long ahead = Points.step(end, DAY) - nearDay;
        if (nearDay == Long.MIN_VALUE || ahead < 0 || ahead >= nearHigh.length) {
            return false;
        }
        int at = (int) ahead;
        // The ends of days are foretold; between two of them it is on its way.
        double high = Math.max(nearHigh[at], at == 0 ? nearStart : nearHigh[at - 1]);
        double low = Math.min(nearLow[at], at == 0 ? nearStart : nearLow[at - 1]);
        // A day's highest is foretold; most of its hours are below.
        return value > high || !resource.peaks() && value < low;
    }

    /** Scores what has come due, and makes a forecast when there is anything new to base it on. */
    public @Nullable ResourceForecast look(Levels levels) {
        return look(levels, null);
    }

    /**
     * The same for a server's connections.
     *
     * @param plan how applications reach the server, null when nobody said
     */
    public @Nullable ResourceForecast look(Levels levels, @Nullable ConnectionPlan plan) {
        score();
        if (history.currentEnd <= madeAsOf) {
            return null;
        }
        ResourceForecaster.Made made =
                ResourceForecaster.forecast(resource, history, track, levels, connections(plan));
        if (made == null) {
            return null;
        }
        ResourceForecast forecast = made.forecast();
        madeAsOf = forecast.asOf();
        madeWarning = levels.warning();
        madeCritical = levels.critical();
        nearDay = Points.step(madeAsOf, DAY) + 1;
        nearStart = forecast.current();
        nearLow = made.nearLow();
        nearHigh = made.nearHigh();
        surprises = 0;
        remember(forecast);
        return forecast;
    }

    private ResourceForecaster.@Nullable Connections connections(@Nullable ConnectionPlan plan) {
        if (plan == null || !resource.type().equals(Resource.CONNECTIONS)) {
            return null;
        }
        double peak = Math.max(history.current, history.days.highest(BUSIEST_OF_DAYS));
        return new ResourceForecaster.Connections(plan, peak, executingAt(peak));
    }

    /**
     * Most that executed when so many were open; NaN until it was seen for a whole day, for a night
     * says nothing of the busiest time. Where the peak came on a day of which it is not known, as
     * many more executed as were open.
     */
    private double executingAt(double peak) {
        double most = executing.highest(BUSIEST_OF_DAYS);
        double seen = Double.NaN;
        double open = Double.NaN;
        // The first day may have begun before anybody looked.
        for (int i = 1; i < executing.size(); i++) {
            long day = Points.step(executing.ends[i], DAY);
            boolean over = i < executing.size() - 1 || executing.ends[i] == (day + 1) * DAY;
            double openThen = over ? history.days.of(day, DAY) : Double.NaN;
            if (openThen > 0) {
                seen =
                        Double.isNaN(seen)
                                ? executing.values[i]
                                : Math.max(seen, executing.values[i]);
                open = Double.isNaN(open) ? openThen : Math.max(open, openThen);
            }
        }
        return Double.isNaN(seen) ? Double.NaN : Math.max(most, seen * Math.max(1, peak / open));
    }

    private void score() {
        if (pending.isEmpty()) {
            return;
        }
        long today = Points.step(history.currentEnd, DAY);
        List<PendingProjection> waiting = new ArrayList<>();
        for (PendingProjection projection : pending) {
            long due = projection.dueDay();
            double actual = due < today ? history.days.of(due, DAY) : Double.NaN;
            if (!Double.isNaN(actual)) {
                track = track.scored(projection, actual, reached(projection));
            } else if (due >= today - LATE_ACTUAL_DAYS) {
                waiting.add(projection);
            }
        }
        pending = waiting;
    }

    private boolean reached(PendingProjection projection) {
        long from = Points.step(projection.madeAt(), DAY) + 1;
        for (long day = from; day <= projection.dueDay(); day++) {
            if (history.days.of(day, DAY) >= projection.level()) {
                return true;
            }
        }
        return false;
    }

    /** Keeps a forecast's projections to be scored, not more of a horizon than are needed. */
    private void remember(ResourceForecast forecast) {
        long today = Points.step(forecast.asOf(), DAY);
        List<PendingProjection> more = new ArrayList<>(pending);
        for (Projection projection : forecast.projections()) {
            int days = projection.days();
            long latest = Long.MIN_VALUE / 2;
            for (PendingProjection waiting : pending) {
                if (waiting.projection().days() == days) {
                    latest = Math.max(latest, waiting.dueDay());
                }
            }
            if (today + days - latest < Math.max(1, -Math.floorDiv(-days, PENDING_OF_HORIZON))) {
                continue;
            }
            double level = forecast.capacity() * forecast.critical() / 100;
            more.add(
                    new PendingProjection(
                            forecast.asOf(),
                            today + days,
                            projection,
                            forecast.current() < level ? level : Double.NaN,
                            forecast.likelyDaysToCritical() <= days));
        }
        pending = more;
    }
}
