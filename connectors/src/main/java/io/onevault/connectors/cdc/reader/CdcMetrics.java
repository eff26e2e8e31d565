package io.onevault.connectors.cdc.reader;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/**
 * What a change source tells of itself: {@code slot_lag_bytes} (log not yet confirmed; -1 before it
 * was measured), {@code queue_records} and {@code queue_bytes} (waiting for the task), {@code
 * changes}, {@code dead_letters}, {@code interruptions}, and {@code refused} (1 when the slot is
 * not read).
 */
final class CdcMetrics {

    private final Counter recordsIn;
    private final Counter changes;
    private final Counter deadLetters;
    private final Counter interruptions;
    private volatile long slotLag = -1;
    private volatile boolean refused;

    CdcMetrics(SourceReaderMetricGroup group, Handover handover) {
        MetricGroup own = group.addGroup("cdc");
        recordsIn = group.getIOMetricGroup().getNumRecordsInCounter();
        changes = own.counter("changes");
        deadLetters = own.counter("dead_letters");
        interruptions = own.counter("interruptions");
        own.gauge("slot_lag_bytes", () -> slotLag);
        own.gauge("queue_records", handover::size);
        own.gauge("queue_bytes", handover::bytes);
        own.gauge("refused", () -> refused ? 1 : 0);
    }

    void change() {
        recordsIn.inc();
        changes.inc();
    }

    void deadLetter() {
        recordsIn.inc();
        deadLetters.inc();
    }

    void restarted() {
        interruptions.inc();
    }

    void refused(boolean value) {
        refused = value;
    }

    void slotLag(long bytes) {
        slotLag = bytes;
    }
}
