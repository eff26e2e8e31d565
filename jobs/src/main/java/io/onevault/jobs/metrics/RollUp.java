package io.onevault.jobs.metrics;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.DDSketches;
import com.datadoghq.sketch.ddsketch.encoding.ByteArrayInput;
import com.datadoghq.sketch.ddsketch.encoding.GrowingByteArrayOutput;
import com.datadoghq.sketch.ddsketch.store.CollapsingLowestDenseStore;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The closed windows of one series within one hour or day, merged. A mutable Flink POJO.
 *
 * <p>Percentiles come from a DDSketch, within {@value #RELATIVE_ERROR} of the true value (Masson,
 * Rim and Lee: DDSketch, VLDB 2019), in at most {@value #MAX_BINS} bins.
 */
public final class RollUp {

    static final double RELATIVE_ERROR = 0.01;
    static final int MAX_BINS = 2048;

    /** Start of the hour or day, milliseconds since the epoch. */
    public long start;

    public long samples;
    public long values;
    public double min = Double.POSITIVE_INFINITY;
    public double max = Double.NEGATIVE_INFINITY;
    public double sum;
    public double last;
    public long measuredAt;

    /** A serialised DDSketch; empty while there are no values. */
    public byte[] sketch = new byte[0];

    /** Adds a window; windows come in the order of their time. */
    void add(WindowStatistics statistics, long sampleCount, long latestTimestamp) {
        samples += sampleCount;
        measuredAt = latestTimestamp;
        if (statistics.count() == 0) {
            return;
        }
        values += statistics.count();
        min = Math.min(min, statistics.min());
        max = Math.max(max, statistics.max());
        sum += statistics.mean() * statistics.count();
        last = statistics.last();
        DDSketch merged = sketch();
        for (double value : statistics.sorted()) {
            merged.accept(value);
        }
        sketch = encoded(merged);
    }

    double mean() {
        return sum / values;
    }

    DDSketch sketch() {
        if (sketch.length == 0) {
            return DDSketches.logarithmicCollapsingLowestDense(RELATIVE_ERROR, MAX_BINS);
        }
        try {
            return DDSketch.decode(
                    ByteArrayInput.wrap(sketch), () -> new CollapsingLowestDenseStore(MAX_BINS));
        } catch (IOException e) {
            throw new UncheckedIOException("a sketch in state cannot be read", e);
        }
    }

    private static byte[] encoded(DDSketch merged) {
        GrowingByteArrayOutput out = GrowingByteArrayOutput.withDefaultInitialCapacity();
        try {
            merged.encode(out, false);
        } catch (IOException e) {
            throw new UncheckedIOException("a sketch cannot be written to memory", e);
        }
        return out.trimmedCopy();
    }
}
