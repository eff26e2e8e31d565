package io.onevault.jobs.metrics;

import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.jspecify.annotations.Nullable;

/**
 * The windows of the current series that may still change.
 *
 * <p>Their starts stand in a state of their own. To iterate over a map in RocksDB, or to ask
 * whether it is empty, steps over what was removed from the maps of neighbouring series, too: at
 * the end of a minute, when a window of every series is removed, that made the cost of all series
 * quadratic in their number.
 */
final class OpenWindows {

    private static final long[] NONE = {};

    private final MapState<Long, SampleBuffer> buffers;
    private final ValueState<long[]> starts;

    OpenWindows(RuntimeContext context) {
        buffers =
                context.getMapState(
                        new MapStateDescriptor<>(
                                "open-windows",
                                Types.LONG,
                                TypeInformation.of(SampleBuffer.class)));
        starts =
                context.getState(
                        new ValueStateDescriptor<>(
                                "open-window-starts",
                                PrimitiveArrayTypeInfo.LONG_PRIMITIVE_ARRAY_TYPE_INFO));
    }

    /** The samples of the window that starts at {@code start}, null when it is not open. */
    @Nullable SampleBuffer get(long start) throws Exception {
        return buffers.get(start);
    }

    /** Opens a window. */
    void open(long start, SampleBuffer buffer) throws Exception {
        long[] before = starts();
        long[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = start;
        Arrays.sort(after);
        starts.update(after);
        buffers.put(start, buffer);
    }

    /** Keeps what was changed in an open window. */
    void update(long start, SampleBuffer buffer) throws Exception {
        buffers.put(start, buffer);
    }

    void close(long start) throws Exception {
        long[] after = Arrays.stream(starts()).filter(other -> other != start).toArray();
        if (after.length == 0) {
            starts.clear();
        } else {
            starts.update(after);
        }
        buffers.remove(start);
    }

    /** Starts of the open windows, ascending; not to be changed. */
    long[] starts() throws IOException {
        long[] held = starts.value();
        return held == null ? NONE : held;
    }
}
