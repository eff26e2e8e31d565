package io.onevault.jobs.alerts;

import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;

/**
 * A stream without event time, whose elements take effect when they come. It is idle for ever, so
 * that it holds no time back where it meets another stream. Not the end of time, which would become
 * everybody's as soon as the other stream is idle too.
 *
 * @param <T> of the stream
 */
public final class NeverHoldsTime<T> implements WatermarkGenerator<T> {

    public static <T> WatermarkStrategy<T> strategy() {
        return WatermarkStrategy.forGenerator(context -> new NeverHoldsTime<>());
    }

    @Override
    public void onEvent(T event, long timestamp, WatermarkOutput output) {
        output.markIdle();
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        output.markIdle();
    }
}
