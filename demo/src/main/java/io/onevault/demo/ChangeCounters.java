package io.onevault.demo;

import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Keeps the counters of the change sources in this process, so that they can still be read when the
 * job has ended. Flink makes it from the factory's name.
 */
public final class ChangeCounters implements MetricReporter {

    private static final List<Counter> CHANGES = new CopyOnWriteArrayList<>();

    /** Changes that all sources of this process have emitted. */
    static long changes() {
        return CHANGES.stream().mapToLong(Counter::getCount).sum();
    }

    @Override
    public void open(MetricConfig config) {}

    @Override
    public void close() {}

    @Override
    public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
        if (metric instanceof Counter counter
                && name.equals("changes")
                && group.getMetricIdentifier(name).endsWith("cdc.changes")) {
            CHANGES.add(counter);
        }
    }

    @Override
    public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {}

    /** For Flink. */
    public static final class Factory implements MetricReporterFactory {
        @Override
        public MetricReporter createMetricReporter(Properties properties) {
            return new ChangeCounters();
        }
    }
}
