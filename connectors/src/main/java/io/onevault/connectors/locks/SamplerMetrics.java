package io.onevault.connectors.locks;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;

/**
 * The sampler's own figures: {@code locks.probes}, {@code locks.snapshots}, {@code locks.failures},
 * {@code locks.conflated} (snapshots that newer ones replaced before the job took them), and per
 * target {@code locks.target.<name>.probe_ms} and {@code snapshot_ms}, how long the last look took,
 * the network included. Thread-safe.
 */
final class SamplerMetrics {

    private static final double NANOS_PER_MILLI = 1e6;

    private final MetricGroup group;
    private final SimpleCounter probes = new SimpleCounter();
    private final SimpleCounter snapshots = new SimpleCounter();
    private final SimpleCounter failures = new SimpleCounter();
    private final SimpleCounter conflated = new SimpleCounter();
    private final Map<String, Double> probeMillis = new ConcurrentHashMap<>();
    private final Map<String, Double> snapshotMillis = new ConcurrentHashMap<>();

    SamplerMetrics(MetricGroup parent) {
        group = parent.addGroup("locks");
        group.counter("probes", probes);
        group.counter("snapshots", snapshots);
        group.counter("failures", failures);
        group.counter("conflated", conflated);
    }

    void watch(String target) {
        if (probeMillis.putIfAbsent(target, 0.0) == null) {
            MetricGroup own = group.addGroup("target", target);
            own.gauge("probe_ms", (Gauge<Double>) () -> probeMillis.getOrDefault(target, 0.0));
            own.gauge(
                    "snapshot_ms", (Gauge<Double>) () -> snapshotMillis.getOrDefault(target, 0.0));
        }
    }

    synchronized void probed(String target, long nanos) {
        probes.inc();
        probeMillis.put(target, nanos / NANOS_PER_MILLI);
    }

    synchronized void snapshotted(String target, long nanos) {
        snapshots.inc();
        snapshotMillis.put(target, nanos / NANOS_PER_MILLI);
    }

    synchronized void failed() {
        failures.inc();
    }

    synchronized void conflated(int count) {
        conflated.inc(count);
    }

    synchronized long probes() {
        return probes.getCount();
    }

    synchronized long snapshots() {
        return snapshots.getCount();
    }
}
