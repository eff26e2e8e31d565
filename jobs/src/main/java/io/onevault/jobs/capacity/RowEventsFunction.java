package io.onevault.jobs.capacity;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.model.SnapshotBoundary;
import io.onevault.jobs.capacity.attribution.EventOrder;
import io.onevault.jobs.capacity.attribution.Reset;
import io.onevault.jobs.capacity.attribution.RowEvent;
import io.onevault.jobs.capacity.attribution.RowEvents;
import io.onevault.jobs.capacity.attribution.TenantColumns;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Numbers a target's changes in the order of commits and makes them events of single rows; keyed by
 * target. TRUNCATE and the end of a snapshot leave by a side output to everybody who remembers
 * rows, and are noted on every later event, so that it does not matter which arrives first.
 *
 * <p>A number is at least the commit time in milliseconds times 2^16, so that numbers go on growing
 * when the target's state was forgotten after {@code expiry} without changes.
 */
final class RowEventsFunction extends KeyedProcessFunction<String, CdcRecord, RowEvent> {

    private static final long serialVersionUID = 1L;

    static final OutputTag<Reset> RESETS =
            new OutputTag<>("resets", TypeInformation.of(Reset.class));

    private static final int BITS_WITHIN_MILLISECOND = 16;
    private static final long LAST_TIME = Long.MAX_VALUE >> (BITS_WITHIN_MILLISECOND + 1);
    private static final String ALL_TABLES = "";
    private static final Cut NO_CUT = new Cut(0, 0);

    private final TenantColumns columns;
    private final long expiryMillis;

    private transient ValueState<Progress> progress;
    private transient MapState<String, Cut> cuts;

    RowEventsFunction(TenantColumns columns, Duration expiry) {
        this.columns = columns;
        this.expiryMillis = expiry.toMillis();
    }

    /**
     * How far a target's changes have come.
     *
     * @param number of the latest event
     * @param snapshotLsn of the latest snapshot, 0 for none
     * @param snapshotStart number of its begin
     * @param forgetAt when all this is forgotten, unless there is a change before
     */
    public record Progress(long number, long snapshotLsn, long snapshotStart, long forgetAt) {}

    /**
     * Rows with smaller numbers ended.
     *
     * @param before the first number that stands
     * @param time since when, milliseconds since the epoch
     */
    public record Cut(long before, long time) {}

    @Override
    public void open(OpenContext context) {
        progress =
                getRuntimeContext()
                        .getState(new ValueStateDescriptor<>("progress", Progress.class));
        cuts =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "cuts", Types.STRING, TypeInformation.of(Cut.class)));
    }

    @Override
    public void processElement(CdcRecord record, Context context, Collector<RowEvent> out)
            throws Exception {
        RowChange change = record.change();
        SnapshotBoundary boundary = record.snapshotBoundary();
        if (change != null) {
            Progress now = advance(context, change.commitTime());
            if (change.operation().equals("TRUNCATE")) {
                String relation = RowEvents.relation(change);
                cut(context, change.target(), relation, now.number, change.commitTime());
            } else {
                EventOrder order = order(now, RowEvents.relation(change));
                RowEvents.of(change, columns, order).forEach(out::collect);
            }
        } else if (boundary != null) {
            Progress now = advance(context, boundary.timestamp());
            if (!boundary.complete()) {
                progress.update(new Progress(now.number, boundary.lsn(), now.number, now.forgetAt));
            } else if (boundary.lsn() == now.snapshotLsn) {
                cut(
                        context,
                        boundary.target(),
                        ALL_TABLES,
                        now.snapshotStart,
                        boundary.timestamp());
            }
        }
    }

    private Progress advance(Context context, long time) throws Exception {
        Progress before = progress.value();
        long least = Math.min(time, LAST_TIME) << BITS_WITHIN_MILLISECOND;
        Progress now;
        if (before == null) {
            now = new Progress(least, 0, 0, Long.MIN_VALUE);
        } else {
            now =
                    new Progress(
                            Math.max(before.number + 1, least),
                            before.snapshotLsn,
                            before.snapshotStart,
                            before.forgetAt);
        }
        long current = context.timerService().currentWatermark();
        long latest = current == Long.MAX_VALUE ? time : Math.max(time, current);
        if (now.forgetAt < latest + expiryMillis) {
            // Twice the expiry, so that not every change sets a timer.
            long forgetAt = latest + 2 * expiryMillis;
            context.timerService().registerEventTimeTimer(forgetAt);
            now = new Progress(now.number, now.snapshotLsn, now.snapshotStart, forgetAt);
        }
        progress.update(now);
        return now;
    }

    private void cut(Context context, String target, String relation, long before, long time)
            throws Exception {
        cuts.put(relation, new Cut(before, time));
        context.output(RESETS, new Reset(target, relation, before, time));
    }

    private EventOrder order(Progress now, String relation) throws Exception {
        Cut ofTable = cuts.get(relation);
        Cut ofAll = cuts.get(ALL_TABLES);
        Cut cut = ofTable == null ? NO_CUT : ofTable;
        if (ofAll != null && ofAll.before > cut.before) {
            cut = ofAll;
        }
        return new EventOrder(now.number, now.snapshotStart, cut.before, cut.time);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<RowEvent> out)
            throws Exception {
        Progress now = progress.value();
        if (now != null && now.forgetAt <= timestamp) {
            progress.clear();
            cuts.clear();
        }
    }
}
