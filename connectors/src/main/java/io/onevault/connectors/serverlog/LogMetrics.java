package io.onevault.connectors.serverlog;

import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;

/**
 * The reader's own figures: {@code serverlog.bytes}, {@code serverlog.records} (lines read), {@code
 * serverlog.events} (lines of interest), {@code serverlog.failures}. Thread-safe.
 */
final class LogMetrics {

    private final SimpleCounter bytes = new SimpleCounter();
    private final SimpleCounter records = new SimpleCounter();
    private final SimpleCounter events = new SimpleCounter();
    private final SimpleCounter failures = new SimpleCounter();

    LogMetrics(MetricGroup parent) {
        MetricGroup group = parent.addGroup("serverlog");
        group.counter("bytes", bytes);
        group.counter("records", records);
        group.counter("events", events);
        group.counter("failures", failures);
    }

    synchronized void read(long readBytes, int readRecords, int foundEvents) {
        bytes.inc(readBytes);
        records.inc(readRecords);
        events.inc(foundEvents);
    }

    synchronized void failed() {
        failures.inc();
    }
}
