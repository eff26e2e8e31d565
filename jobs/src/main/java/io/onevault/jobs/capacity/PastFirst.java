package io.onevault.jobs.capacity;

import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/**
 * Joins what is remembered (first input, bounded) to what is measured (second input): event time
 * stands still until all of the past has come, and is that of the present from then on.
 *
 * <p>A union would not do: a source that ends sets its event time to the end of all time, and while
 * the other inputs happen to be idle, as they are after a restart, that would be the event time of
 * everything behind, for good.
 */
final class PastFirst extends AbstractStreamOperator<ResourceUtilization>
        implements TwoInputStreamOperator<
                ResourceUtilization, ResourceUtilization, ResourceUtilization> {

    private static final long serialVersionUID = 1L;

    /** Index of the second input. */
    private static final int PRESENT = 1;

    private transient boolean pastHasCome;
    private transient Watermark present = new Watermark(Long.MIN_VALUE);
    private transient WatermarkStatus status = WatermarkStatus.ACTIVE;

    @Override
    public void open() throws Exception {
        super.open();
        pastHasCome = false;
        present = new Watermark(Long.MIN_VALUE);
        status = WatermarkStatus.ACTIVE;
    }

    @Override
    public void processElement1(StreamRecord<ResourceUtilization> element) {
        output.collect(element);
    }

    @Override
    public void processElement2(StreamRecord<ResourceUtilization> element) {
        output.collect(element);
    }

    @Override
    public void processWatermark1(Watermark mark) {
        if (mark.getTimestamp() != Long.MAX_VALUE || pastHasCome) {
            return;
        }
        pastHasCome = true;
        if (present.getTimestamp() > Long.MIN_VALUE) {
            output.emitWatermark(present);
        }
        if (status.isIdle()) {
            output.emitWatermarkStatus(status);
        }
    }

    @Override
    public void processWatermark2(Watermark mark) {
        present = mark;
        if (pastHasCome) {
            output.emitWatermark(mark);
        }
    }

    @Override
    protected void processWatermarkStatus(WatermarkStatus newStatus, int input) {
        // The past has no time of its own.
        if (input == PRESENT) {
            status = newStatus;
            if (pastHasCome) {
                output.emitWatermarkStatus(newStatus);
            }
        }
    }
}
