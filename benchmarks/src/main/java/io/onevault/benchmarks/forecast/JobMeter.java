package io.onevault.benchmarks.forecast;

import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultRowMapper;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.jobs.vault.CapacityForecastRows;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.ResourceUtilizationRows;
import java.util.Arrays;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** What is seen of the one job that runs in this process: states, forecasts and checkpoints. */
final class JobMeter {

    private static final Set<String> FORECAST = ConcurrentHashMap.newKeySet();
    private static final AtomicLong FIRST = new AtomicLong();
    private static final AtomicLong LAST = new AtomicLong();
    private static final AtomicLong REMEMBERED_AT = new AtomicLong();
    private static final Queue<long[]> WAYS = new ConcurrentLinkedQueue<>();
    private static final Queue<Long> CHECKPOINTS = new ConcurrentLinkedQueue<>();

    private JobMeter() {}

    /**
     * @param first forecast, milliseconds since the epoch
     * @param last the same
     * @param busy50 median of the milliseconds from a window's end to its state's row in that time
     * @param calm50 the same afterwards
     * @param checkpoints completed in that time
     */
    record Reading(
            long first,
            long last,
            double busy50,
            double busy99,
            double calm50,
            double calm99,
            long checkpoints) {

        double refitSeconds() {
            return Math.max(1, last - first) / 1000.0;
        }
    }

    static void reset() {
        FORECAST.clear();
        WAYS.clear();
        CHECKPOINTS.clear();
        FIRST.set(0);
        LAST.set(0);
        REMEMBERED_AT.set(0);
    }

    /** A state of the past went into the job. */
    static void remembered() {
        REMEMBERED_AT.setPlain(System.nanoTime());
    }

    /** From {@code start} until the last state of the past went into the job. */
    static double historySeconds(long start) {
        return (REMEMBERED_AT.get() - start) / 1e9;
    }

    static int forecasts() {
        return FORECAST.size();
    }

    static Reading read() {
        long first = FIRST.get();
        long last = LAST.get();
        double[] busy = ways(first, last);
        double[] calm = ways(last + 1, Long.MAX_VALUE);
        return new Reading(
                first,
                last,
                quantile(busy, 0.5),
                quantile(busy, 0.99),
                quantile(calm, 0.5),
                quantile(calm, 0.99),
                CHECKPOINTS.stream().filter(t -> t >= first && t <= last).count());
    }

    private static double[] ways(long from, long to) {
        double[] ways =
                WAYS.stream()
                        .filter(w -> w[0] >= from && w[0] <= to)
                        .mapToDouble(w -> w[1])
                        .toArray();
        Arrays.sort(ways);
        return ways;
    }

    private static double quantile(double[] sorted, double share) {
        return sorted.length == 0 ? 0 : sorted[(int) (share * (sorted.length - 1))];
    }

    private static void seen(VaultTable table, VaultRow row) {
        long now = System.currentTimeMillis();
        if (table.equals(CapacityForecastRows.TABLE)) {
            if (FORECAST.add(row.businessKey())) {
                FIRST.compareAndSet(0, now);
                LAST.accumulateAndGet(now, Math::max);
            }
        } else if (table.equals(ResourceUtilizationRows.TABLE)) {
            WAYS.add(new long[] {now, now - row.loadDate()});
        }
    }

    /** Makes each row and drops it. */
    static final class Sinks implements FindingSinks {
        @Override
        public <T> void write(DataStream<T> findings, VaultTable table, VaultRowMapper<T> mapper) {
            findings.map(new Seen<>(table, mapper))
                    .returns(Types.LONG)
                    .uid("seen-" + table.satellite())
                    .sinkTo(new DiscardingSink<>())
                    .uid("drop-" + table.satellite());
        }
    }

    private static final class Seen<T> extends RichMapFunction<T, Long>
            implements CheckpointListener {
        private static final long serialVersionUID = 1L;

        private final VaultTable table;
        private final VaultRowMapper<T> mapper;

        private Seen(VaultTable table, VaultRowMapper<T> mapper) {
            this.table = table;
            this.mapper = mapper;
        }

        @Override
        public Long map(T finding) {
            VaultRow row = mapper.map(finding);
            seen(table, row);
            return row.loadDate();
        }

        @Override
        public void notifyCheckpointComplete(long checkpoint) {
            if (table.equals(CapacityForecastRows.TABLE)
                    && getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0) {
                CHECKPOINTS.add(System.currentTimeMillis());
            }
        }
    }
}
