package io.onevault.jobs.alerts.findings;

import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Store;
import io.onevault.jobs.metrics.LiveValue;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps the {@link BlockingBoard} of each target; keyed by target.
 *
 * <p>State is held in memory as well, for each row asks for all open incidents of its series. An
 * incident's last row removes it; a series is removed a quarter of an hour after its last one.
 */
final class BlockingFindings extends KeyedProcessFunction<String, BlockingIncident, LiveValue> {

    private static final long serialVersionUID = 1L;

    private transient MapState<String, OpenBlocking> open;
    private transient MapState<String, BlockingSeries> series;
    private transient Map<String, BlockingBoard> boards;

    @Override
    public void open(OpenContext context) {
        open =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "open-incidents",
                                        Types.STRING,
                                        TypeInformation.of(OpenBlocking.class)));
        series =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "blocking-series",
                                        Types.STRING,
                                        TypeInformation.of(BlockingSeries.class)));
        boards = new HashMap<>();
    }

    @Override
    public void processElement(BlockingIncident row, Context context, Collector<LiveValue> out)
            throws Exception {
        BlockingBoard board = board(context.getCurrentKey());
        board.observe(row, out::collect);
        write(
                board,
                context.getCurrentKey(),
                row.observedAtMicros() / 1000,
                context.timerService());
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<LiveValue> out)
            throws Exception {
        // A drained job ends all time at once; nothing has gone on because of that.
        if (context.timerService().currentWatermark() == Long.MAX_VALUE) {
            return;
        }
        BlockingBoard board = board(context.getCurrentKey());
        board.tick(timestamp, out::collect);
        write(board, context.getCurrentKey(), timestamp, context.timerService());
    }

    private BlockingBoard board(String target) throws Exception {
        BlockingBoard known = boards.get(target);
        if (known == null) {
            known = new BlockingBoard();
            restore(open, known.open);
            restore(series, known.series);
            boards.put(target, known);
        }
        return known;
    }

    private static <V> void restore(MapState<String, V> from, Store<String, V> to)
            throws Exception {
        for (Map.Entry<String, V> entry : from.entries()) {
            to.restore(entry.getKey(), entry.getValue());
        }
    }

    private void write(BlockingBoard board, String target, long now, TimerService timers)
            throws Exception {
        write(board.open, open);
        write(board.series, series);
        // Time that leapt, as it does after a stop, is not gone through step by step.
        long next = board.nextTick(Math.max(now, timers.currentWatermark()));
        if (next != Long.MAX_VALUE) {
            timers.registerEventTimeTimer(next);
        } else {
            boards.remove(target);
        }
    }

    private static <V> void write(Store<String, V> from, MapState<String, V> to) throws Exception {
        from.drain(
                (key, value) -> {
                    if (value == null) {
                        to.remove(key);
                    } else {
                        to.put(key, value);
                    }
                });
    }
}
