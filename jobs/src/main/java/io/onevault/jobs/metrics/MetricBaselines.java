package io.onevault.jobs.metrics;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.metrics.baseline.BaselineHistory;
import io.onevault.jobs.metrics.baseline.BaselineHour;
import io.onevault.jobs.metrics.baseline.Deviation;
import io.onevault.jobs.metrics.baseline.HourRating;
import io.onevault.jobs.metrics.baseline.SeriesBaseline;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Says of each window's mean how far it is from what is usual for its series at that hour of the
 * week, see {@link SeriesBaseline}; keyed by series.
 *
 * <p>Each window is taken once, as it is when it ends: what late samples amend, roll-ups, and a
 * window that is judged again teach nothing. A window without values teaches nothing either.
 *
 * <p>State is the hour under way and four weeks of hours, the latter read once an hour. It is
 * cleared when the series has been silent for as long as it was there before, at least {@link
 * WindowSettings#expiry} or eight of its polls and at most two weeks, so that things that come and
 * go leave nothing behind.
 */
final class MetricBaselines extends KeyedProcessFunction<String, MetricWindow, LiveValue> {

    private static final long serialVersionUID = 1L;

    /** Of series that show how well something performs: each hour, and when it gets unusual. */
    static final OutputTag<SeriesRating> RATINGS =
            new OutputTag<>("ratings", TypeInformation.of(SeriesRating.class));

    private static final String RATED = "PERFORMANCE";
    private static final int SILENT_POLLS = 8;
    private static final int MINUTES = 60;
    private static final long LONGEST_SILENCE = Duration.ofDays(14).toMillis();

    private final int windowSeconds;
    private final long expiryMillis;
    private final ZoneId zone;
    private final Map<String, MetricDefinition> definitions;
    private final Map<String, Duration> pollIntervals;

    private transient SeriesBaseline baseline;
    private transient ValueState<BaselineHour> hour;
    private transient ValueState<BaselineHistory> history;

    /**
     * @param zone by whose clock hours of the week are counted
     */
    MetricBaselines(
            WindowSettings settings,
            ZoneId zone,
            Map<String, MetricDefinition> definitions,
            Map<String, Duration> pollIntervals) {
        this.windowSeconds = (int) settings.size().toSeconds();
        this.expiryMillis = settings.expiry().toMillis();
        this.zone = zone;
        this.definitions = new HashMap<>(definitions);
        this.pollIntervals = new HashMap<>(pollIntervals);
    }

    @Override
    public void open(OpenContext context) {
        baseline = new SeriesBaseline(zone);
        hour =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "baseline-hour", TypeInformation.of(BaselineHour.class)));
        history =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "baseline-history",
                                        TypeInformation.of(BaselineHistory.class)));
    }

    @Override
    public void processElement(MetricWindow window, Context context, Collector<LiveValue> out)
            throws Exception {
        long start = window.windowStart();
        double mean = window.mean();
        if (window.windowSeconds() != windowSeconds || !Double.isFinite(mean)) {
            return;
        }
        BaselineHour held = hour.value();
        BaselineHour now = held == null ? new BaselineHour() : held;
        if (start <= now.lastStart) {
            return;
        }
        boolean turns = baseline.turns(now, start);
        if (turns) {
            BaselineHistory known = history.value();
            BaselineHistory past = known == null ? new BaselineHistory() : known;
            rated(window, baseline.turn(now, past, start, window.unit()), context);
            history.update(past);
        }
        if (baseline.prepares(now, start, turnOf(window.series()))) {
            BaselineHistory past = history.value();
            if (past != null) {
                baseline.prepare(now, past, window.unit());
            }
        }
        Deviation deviation = baseline.take(now, start, window.windowEnd(), mean);
        if (deviation != null) {
            rated(window, baseline.note(now, mean, deviation), context);
            out.collect(
                    new LiveValue(
                            window.series(),
                            window.measuredAt(),
                            mean,
                            about(window, now),
                            deviation));
        }
        if (now.timerAt == 0) {
            now.timerAt = forgottenAt(now, window.metric());
            turns = true;
        }
        if (turns) {
            // Once an hour again, for a job that was drained has lost it; it stays one timer.
            context.timerService().registerEventTimeTimer(now.timerAt);
        }
        hour.update(now);
    }

    /** A minute of the hour for each series. */
    private static int turnOf(String series) {
        return Math.floorMod(series.hashCode(), MINUTES);
    }

    private void rated(MetricWindow window, @Nullable HourRating stretch, Context context) {
        if (stretch != null && window.category().equals(RATED)) {
            MetricDefinition definition = definitions.get(window.metric());
            context.output(RATINGS, SeriesRating.of(window, stretch, worse(definition)));
        }
    }

    /** Which side is bad is known of metrics that have a threshold. */
    private static int worse(@Nullable MetricDefinition definition) {
        if (definition == null
                || (Double.isNaN(definition.warning()) && Double.isNaN(definition.critical()))) {
            return 0;
        }
        return definition.direction() == Direction.ABOVE ? 1 : -1;
    }

    private String about(MetricWindow window, BaselineHour now) {
        ZonedDateTime at = Instant.ofEpochMilli(window.windowStart()).atZone(zone);
        DayOfWeek day = at.getDayOfWeek();
        return String.format(
                Locale.ROOT,
                "%.4g %s, usually %.4g ± %.2g on %s at %02d:00 (%s)",
                window.mean(),
                window.unit(),
                now.expected,
                now.scale,
                day.getDisplayName(TextStyle.FULL, Locale.ENGLISH),
                at.getHour(),
                zone);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<LiveValue> out)
            throws Exception {
        BaselineHour now = hour.value();
        // A drained job ends all time at once, which does not make a series silent.
        if (now == null || context.timerService().currentWatermark() == Long.MAX_VALUE) {
            return;
        }
        long due = forgottenAt(now, SeriesId.parse(context.getCurrentKey()).metric());
        if (due <= timestamp) {
            hour.clear();
            history.clear();
        } else {
            now.timerAt = due;
            context.timerService().registerEventTimeTimer(due);
            hour.update(now);
        }
    }

    private long forgottenAt(BaselineHour now, String metric) {
        long polls = SILENT_POLLS * pollIntervals.getOrDefault(metric, Duration.ZERO).toMillis();
        long least = Math.max(expiryMillis, polls);
        long most = Math.max(least, LONGEST_SILENCE);
        return now.lastEnd + Math.max(least, Math.min(most, now.lastEnd - now.since));
    }
}
