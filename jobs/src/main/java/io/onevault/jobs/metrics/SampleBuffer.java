package io.onevault.jobs.metrics;

import io.onevault.connectors.model.Sample;
import java.util.Arrays;

/**
 * The samples of one series in one window, ordered by time, each time once.
 *
 * <p>A mutable Flink POJO with primitive arrays, because it is read and written for every sample.
 * Adding is amortised constant for samples in order and linear for late ones. What it holds does
 * not depend on the order of arrival: of two samples with one timestamp the larger value stays.
 */
public final class SampleBuffer {

    private static final int INITIAL_CAPACITY = 8;

    /** Number of samples held; the arrays may be longer. */
    public int size;

    /** Milliseconds since the epoch, ascending. */
    public long[] timestamps = new long[INITIAL_CAPACITY];

    /** Gauge values or cumulative counts. */
    public double[] values = new double[INITIAL_CAPACITY];

    /** Cumulative denominators of ratios, empty while every one is 1. */
    public double[] pers = new double[0];

    /** Starts of counting, empty while every one is 0. */
    public long[] epochs = new long[0];

    /** Adds a sample; returns whether the content changed. */
    public boolean add(Sample sample) {
        int at = size;
        if (size > 0 && sample.timestamp() <= timestamps[size - 1]) {
            int found = Arrays.binarySearch(timestamps, 0, size, sample.timestamp());
            if (found >= 0) {
                if (sample.value() <= values[found]) {
                    return false;
                }
                set(found, sample);
                return true;
            }
            at = -found - 1;
        }
        makeRoom(sample);
        int tail = size - at;
        System.arraycopy(timestamps, at, timestamps, at + 1, tail);
        System.arraycopy(values, at, values, at + 1, tail);
        if (pers.length > 0) {
            System.arraycopy(pers, at, pers, at + 1, tail);
        }
        if (epochs.length > 0) {
            System.arraycopy(epochs, at, epochs, at + 1, tail);
        }
        size++;
        set(at, sample);
        return true;
    }

    /** The sample at {@code index}, as if of {@code series}. */
    Sample get(String series, int index) {
        return new Sample(series, timestamps[index], values[index], per(index), epoch(index));
    }

    double per(int index) {
        return pers.length == 0 ? 1 : pers[index];
    }

    long epoch(int index) {
        return epochs.length == 0 ? 0 : epochs[index];
    }

    private void set(int index, Sample sample) {
        timestamps[index] = sample.timestamp();
        values[index] = sample.value();
        if (pers.length > 0) {
            pers[index] = sample.per();
        }
        if (epochs.length > 0) {
            epochs[index] = sample.counterEpoch();
        }
    }

    private void makeRoom(Sample sample) {
        if (size == timestamps.length) {
            int capacity = size * 2;
            timestamps = Arrays.copyOf(timestamps, capacity);
            values = Arrays.copyOf(values, capacity);
            if (pers.length > 0) {
                pers = Arrays.copyOf(pers, capacity);
            }
            if (epochs.length > 0) {
                epochs = Arrays.copyOf(epochs, capacity);
            }
        }
        if (sample.per() != 1 && pers.length == 0) {
            pers = new double[timestamps.length];
            Arrays.fill(pers, 0, size, 1);
        }
        if (sample.counterEpoch() != 0 && epochs.length == 0) {
            epochs = new long[timestamps.length];
        }
    }
}
