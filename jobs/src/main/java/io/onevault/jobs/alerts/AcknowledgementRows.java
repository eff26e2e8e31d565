package io.onevault.jobs.alerts;

import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import io.onevault.jobs.alerts.rules.RuleTables;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code monitoring.alert_acknowledgement_s}: a row that is inserted takes note, one that is
 * ended or deleted takes that back. One that has run out is told too, for it may be the newest.
 */
final class AcknowledgementRows {

    private static final int HASH_PREFIX = 2;
    private static final long MICROS = 1_000;

    private AcknowledgementRows() {}

    /** What a change says about an alert; null for nothing. */
    static @Nullable Acknowledgement read(RowChange change) {
        if (!(change.schema() + "." + change.table()).equals(RuleTables.ACKNOWLEDGEMENTS)) {
            return null;
        }
        List<FieldValue> after = change.after();
        String hash = text(after == null ? change.key() : after, "alert_instance_hk");
        if (hash.length() <= HASH_PREFIX) {
            return null;
        }
        String alert = hash.substring(HASH_PREFIX);
        long row = micros(text(after == null ? change.key() : after, "load_date"));
        boolean changed =
                change.operation().equals("UPDATE") || change.operation().equals("DELETE");
        if (after == null || !text(after, "load_end_date").isEmpty()) {
            return changed ? new Acknowledgement(alert, row, "", 0, true) : null;
        }
        long until = micros(text(after, "acknowledged_until")) / MICROS;
        return new Acknowledgement(alert, row, text(after, "acknowledged_by"), until, false);
    }

    private static long micros(String moment) {
        try {
            return moment.isEmpty()
                    ? 0
                    : ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(moment));
        } catch (DateTimeParseException | ArithmeticException e) {
            // Infinity, or a year that no alert lives to see.
            return 0;
        }
    }

    private static String text(List<FieldValue> row, String column) {
        for (FieldValue field : row) {
            String text = field.text();
            if (field.name().equals(column) && text != null) {
                return text;
            }
        }
        return "";
    }
}
