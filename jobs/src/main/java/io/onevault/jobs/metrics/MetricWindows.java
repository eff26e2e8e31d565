package io.onevault.jobs.metrics;

import com.datadoghq.sketch.ddsketch.DDSketch;
import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricDefinition.Judged;
import io.onevault.connectors.model.MetricKind;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Cuts each series into event-time windows, whatever the order of its samples.
 *
 * <p>The samples of a window are kept until its lateness is over, each timestamp once, and the
 * window's row is computed from all of them: in any order of arrival, with any duplicates, the last
 * row for a window is the same. A late sample also amends the following window of a counter, whose
 * first rate begins at it. When a window can no longer change it is merged into the hour's and the
 * day's row, which come once.
 *
 * <p>A series without labels whose data stops yields one UNKNOWN row; a labelled series, such as a
 * user's sessions, ends silently. State of a silent series is cleared after {@link
 * WindowSettings#expiry}; until then it holds one sample and two roll-ups.
 */
public final class MetricWindows extends KeyedProcessFunction<String, Sample, MetricWindow> {

    private static final long serialVersionUID = 1L;

    /** Samples older than their window's lateness, counted as {@code samplesTooLate}. */
    public static final OutputTag<Sample> TOO_LATE =
            new OutputTag<>("too-late", TypeInformation.of(Sample.class));

    private static final long HOUR = TimeUnit.HOURS.toMillis(1);
    private static final long DAY = TimeUnit.DAYS.toMillis(1);

    private final WindowSettings settings;
    private final Map<String, MetricDefinition> definitions;
    private final Map<String, Duration> pollIntervals;

    private transient OpenWindows open;
    private transient ValueState<Sample> carried;
    private transient ValueState<RollUp> hour;
    private transient ValueState<RollUp> day;
    private transient @Nullable String latestSeries;
    private transient @Nullable SeriesId latestId;
    private transient Counter tooLate;
    private transient Counter amended;

    /**
     * @param definitions by metric name; a metric without definition is a gauge without thresholds
     * @param pollIntervals by metric name; a series is absent only after three missed polls
     */
    public MetricWindows(
            WindowSettings settings,
            Map<String, MetricDefinition> definitions,
            Map<String, Duration> pollIntervals) {
        this.settings = settings;
        this.definitions = new HashMap<>(definitions);
        this.pollIntervals = new HashMap<>(pollIntervals);
    }

    @Override
    public void open(OpenContext context) {
        open = new OpenWindows(getRuntimeContext());
        carried = value("carried-sample", Sample.class);
        hour = value("hour", RollUp.class);
        day = value("day", RollUp.class);
        tooLate = getRuntimeContext().getMetricGroup().counter("samplesTooLate");
        amended = getRuntimeContext().getMetricGroup().counter("windowsAmended");
    }

    @Override
    public void processElement(Sample sample, Context context, Collector<MetricWindow> out)
            throws Exception {
        long start = settings.windowStart(sample.timestamp());
        long end = start + settings.sizeMillis();
        long watermark = context.timerService().currentWatermark();
        if (end + settings.lateness().toMillis() <= watermark) {
            tooLate.inc();
            context.output(TOO_LATE, sample);
            return;
        }
        SampleBuffer buffer = open.get(start);
        if (buffer == null) {
            buffer = new SampleBuffer();
            buffer.add(sample);
            open.open(start, buffer);
            context.timerService().registerEventTimeTimer(end);
            context.timerService().registerEventTimeTimer(end + settings.lateness().toMillis());
        } else if (buffer.add(sample)) {
            open.update(start, buffer);
        } else {
            return;
        }
        if (end <= watermark) {
            amended.inc();
            emit(context.getCurrentKey(), start, buffer, out);
            amendSuccessor(context.getCurrentKey(), start, watermark, out);
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<MetricWindow> out)
            throws Exception {
        String series = context.getCurrentKey();
        long justEnded = timestamp - settings.sizeMillis();
        SampleBuffer ended = open.get(justEnded);
        if (ended != null) {
            emit(series, justEnded, ended, out);
            long absentAfter = absentAfterMillis(series);
            if (absentAfter > 0) {
                context.timerService().registerEventTimeTimer(timestamp + absentAfter);
            }
        }
        for (long due : closable(timestamp)) {
            close(series, due, context, out);
        }
        emitRollUps(series, timestamp, out);
        // A drained job ends all time at once; nothing is missing because of that.
        if (context.timerService().currentWatermark() < Long.MAX_VALUE) {
            reportAbsence(series, timestamp, out);
        }
        expire(series, timestamp, out);
    }

    /**
     * Starts of the windows whose lateness is over, in order. Usually one; more when a job goes on
     * with a shorter lateness than its savepoint was taken with.
     */
    private long[] closable(long timestamp) throws Exception {
        long latest = timestamp - settings.sizeMillis() - settings.lateness().toMillis();
        long[] starts = open.starts();
        int due = 0;
        while (due < starts.length && starts[due] <= latest) {
            due++;
        }
        return Arrays.copyOf(starts, due);
    }

    private void close(
            String series, long start, OnTimerContext context, Collector<MetricWindow> out)
            throws Exception {
        SampleBuffer buffer = open.get(start);
        if (buffer == null) {
            throw new IllegalStateException("an open window has no samples");
        }
        Sample previous = carried.value();
        WindowStatistics statistics =
                WindowStatistics.of(kind(series), series, previous, buffer, leastSpacing(series));
        Sample latest = buffer.get(series, buffer.size - 1);
        merge(hour, HOUR, series, start, statistics, buffer.size, latest, context, out);
        merge(day, DAY, series, start, statistics, buffer.size, latest, context, out);
        carried.update(latest);
        open.close(start);
        // While newer windows are open their own closing sees to it.
        if (open.starts().length == 0) {
            context.timerService()
                    .registerEventTimeTimer(start + settings.sizeMillis() + expiryMillis(series));
        }
    }

    private void merge(
            ValueState<RollUp> state,
            long length,
            String series,
            long start,
            WindowStatistics statistics,
            int samples,
            Sample latest,
            OnTimerContext context,
            Collector<MetricWindow> out)
            throws Exception {
        long period = Math.floorDiv(start, length) * length;
        RollUp rollUp = state.value();
        if (rollUp != null && rollUp.start != period) {
            emitRollUp(series, rollUp, length, out);
            rollUp = null;
        }
        if (rollUp == null) {
            rollUp = new RollUp();
            rollUp.start = period;
            context.timerService()
                    .registerEventTimeTimer(period + length + settings.lateness().toMillis());
        }
        rollUp.add(statistics, samples, latest.timestamp());
        state.update(rollUp);
    }

    private void emitRollUps(String series, long timestamp, Collector<MetricWindow> out)
            throws Exception {
        long closedUntil = timestamp - settings.lateness().toMillis();
        RollUp hourly = hour.value();
        if (hourly != null && hourly.start + HOUR <= closedUntil) {
            emitRollUp(series, hourly, HOUR, out);
            hour.clear();
        }
        RollUp daily = day.value();
        if (daily != null && daily.start + DAY <= closedUntil) {
            emitRollUp(series, daily, DAY, out);
            day.clear();
        }
    }

    private void amendSuccessor(
            String series, long start, long watermark, Collector<MetricWindow> out)
            throws Exception {
        if (kind(series) == MetricKind.GAUGE) {
            return;
        }
        for (long successor : open.starts()) {
            if (successor > start) {
                SampleBuffer buffer = open.get(successor);
                if (buffer != null && successor + settings.sizeMillis() <= watermark) {
                    emit(series, successor, buffer, out);
                }
                return;
            }
        }
    }

    private void emit(String series, long start, SampleBuffer buffer, Collector<MetricWindow> out)
            throws Exception {
        MetricKind kind = kind(series);
        Sample previous = kind == MetricKind.GAUGE ? null : lastBefore(series, start);
        WindowStatistics s =
                WindowStatistics.of(kind, series, previous, buffer, leastSpacing(series));
        if (s.count() == 0 && (previous == null || !hasThresholds(series))) {
            // The first look at a counter, or a state that nobody would miss.
            return;
        }
        out.collect(
                row(
                        series,
                        start,
                        settings.sizeMillis(),
                        buffer.size,
                        previous == null ? 0 : previous.timestamp(),
                        new double[] {
                            s.min(), s.max(), s.mean(), s.last(), s.p50(), s.p95(), s.p99()
                        },
                        buffer.timestamps[buffer.size - 1]));
    }

    private void emitRollUp(String series, RollUp r, long length, Collector<MetricWindow> out) {
        if (r.values == 0) {
            return;
        }
        DDSketch sketch = r.sketch();
        out.collect(
                row(
                        series,
                        r.start,
                        length,
                        r.samples,
                        0,
                        new double[] {
                            r.min,
                            r.max,
                            r.mean(),
                            r.last,
                            sketch.getValueAtQuantile(0.50),
                            sketch.getValueAtQuantile(0.95),
                            sketch.getValueAtQuantile(0.99)
                        },
                        r.measuredAt));
    }

    private void reportAbsence(String series, long timestamp, Collector<MetricWindow> out)
            throws Exception {
        long absentAfter = absentAfterMillis(series);
        if (absentAfter == 0 || latestEnd() + absentAfter != timestamp) {
            return;
        }
        double none = Double.NaN;
        out.collect(
                row(
                        series,
                        settings.windowStart(timestamp - settings.sizeMillis()),
                        settings.sizeMillis(),
                        0,
                        0,
                        new double[] {none, none, none, none, none, none, none},
                        timestamp));
    }

    /** Ends a series that has been silent for long; its hour and day have what they will have. */
    private void expire(String series, long timestamp, Collector<MetricWindow> out)
            throws Exception {
        if (open.starts().length == 0 && latestEnd() + expiryMillis(series) <= timestamp) {
            RollUp hourly = hour.value();
            if (hourly != null) {
                emitRollUp(series, hourly, HOUR, out);
            }
            RollUp daily = day.value();
            if (daily != null) {
                emitRollUp(series, daily, DAY, out);
            }
            carried.clear();
            hour.clear();
            day.clear();
        }
    }

    /** End of the latest window with data, or a time so early that nothing follows from it. */
    private long latestEnd() throws Exception {
        long[] starts = open.starts();
        long latest = starts.length == 0 ? Long.MIN_VALUE / 2 : starts[starts.length - 1];
        Sample last = carried.value();
        if (last != null) {
            latest = Math.max(latest, settings.windowStart(last.timestamp()));
        }
        return latest + settings.sizeMillis();
    }

    private @Nullable Sample lastBefore(String series, long start) throws Exception {
        SampleBuffer buffer = null;
        long[] starts = open.starts();
        for (int i = starts.length - 1; i >= 0 && buffer == null; i--) {
            buffer = starts[i] < start ? open.get(starts[i]) : null;
        }
        return buffer == null ? carried.value() : buffer.get(series, buffer.size - 1);
    }

    private MetricWindow row(
            String series,
            long start,
            long length,
            long samples,
            long revision,
            double[] statistics,
            long measuredAt) {
        SeriesId id = id(series);
        MetricDefinition d = definitions.get(id.metric());
        double warning = d == null ? Double.NaN : d.warning();
        double critical = d == null ? Double.NaN : d.critical();
        Direction direction = d == null ? Direction.ABOVE : d.direction();
        double mean = statistics[2];
        return new MetricWindow(
                series,
                id.target(),
                id.tenant(),
                id.metric(),
                id.labels(),
                d == null ? "PERFORMANCE" : d.category(),
                d == null ? "" : d.unit(),
                start,
                (int) (length / 1000),
                samples,
                revision,
                statistics[0],
                statistics[1],
                mean,
                statistics[3],
                statistics[4],
                statistics[5],
                statistics[6],
                Thresholds.status(judged(d, direction, statistics), warning, critical, direction),
                warning,
                critical,
                measuredAt,
                "",
                0);
    }

    private static double judged(
            @Nullable MetricDefinition definition, Direction direction, double[] statistics) {
        if (definition == null || definition.judged() == Judged.MEAN) {
            return statistics[2];
        }
        return direction == Direction.ABOVE ? statistics[1] : statistics[0];
    }

    /**
     * Two looks closer together than half their poll's interval are those of before and after a
     * step of the server's clock; a rate between them would be absurd.
     */
    private long leastSpacing(String series) {
        Duration interval = pollIntervals.get(metricOf(series));
        return interval == null ? 0 : interval.toMillis() / 2;
    }

    /** A series outlives a few of its polls, however rare they are. */
    private long expiryMillis(String series) {
        Duration interval = pollIntervals.get(metricOf(series));
        long expiry = settings.expiry().toMillis();
        return interval == null
                ? expiry
                : Math.max(expiry, settings.lateness().toMillis() + 4 * interval.toMillis());
    }

    private boolean hasThresholds(String series) {
        MetricDefinition d = definitions.get(metricOf(series));
        return d != null && !(Double.isNaN(d.warning()) && Double.isNaN(d.critical()));
    }

    private MetricKind kind(String series) {
        MetricDefinition definition = definitions.get(metricOf(series));
        return definition == null ? MetricKind.GAUGE : definition.kind();
    }

    /** Milliseconds after which the series counts as absent; 0 when it never does. */
    private long absentAfterMillis(String series) {
        SeriesId id = id(series);
        if (!id.labels().isEmpty()) {
            return 0;
        }
        long absentAfter = settings.absentAfter().toMillis();
        Duration interval = pollIntervals.get(id.metric());
        return interval == null ? absentAfter : Math.max(absentAfter, 3 * interval.toMillis());
    }

    private String metricOf(String series) {
        return id(series).metric();
    }

    /** One element or timer asks several times for the parts of its series. */
    private SeriesId id(String series) {
        SeriesId known = latestId;
        if (known == null || !series.equals(latestSeries)) {
            known = SeriesId.parse(series);
            latestId = known;
            latestSeries = series;
        }
        return known;
    }

    private <T> ValueState<T> value(String name, Class<T> type) {
        return getRuntimeContext().getState(new ValueStateDescriptor<>(name, type));
    }
}
