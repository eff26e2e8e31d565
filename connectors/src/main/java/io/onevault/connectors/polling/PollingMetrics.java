package io.onevault.connectors.polling;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;

/**
 * The reader's own figures: {@code polling.polls}, {@code polling.failures}, {@code
 * polling.skipped}, and per target {@code polling.target.<name>.lagMillis}, the time since it last
 * answered. Thread-safe.
 */
final class PollingMetrics {

    private final Clock clock;
    private final MetricGroup group;
    private final SimpleCounter polls = new SimpleCounter();
    private final SimpleCounter failures = new SimpleCounter();
    private final SimpleCounter skipped = new SimpleCounter();
    private final Map<String, Long> lastAnswers = new ConcurrentHashMap<>();

    PollingMetrics(MetricGroup parent, Clock clock) {
        this.clock = clock;
        this.group = parent.addGroup("polling");
        group.counter("polls", polls);
        group.counter("failures", failures);
        group.counter("skipped", skipped);
    }

    void watch(String target) {
        if (lastAnswers.putIfAbsent(target, clock.millis()) == null) {
            group.addGroup("target", target)
                    .gauge(
                            "lagMillis",
                            (Gauge<Long>)
                                    () -> clock.millis() - lastAnswers.getOrDefault(target, 0L));
        }
    }

    synchronized void answered(String target) {
        polls.inc();
        lastAnswers.put(target, clock.millis());
    }

    synchronized void failed() {
        polls.inc();
        failures.inc();
    }

    synchronized void skipped(long runs) {
        skipped.inc(runs);
    }
}
