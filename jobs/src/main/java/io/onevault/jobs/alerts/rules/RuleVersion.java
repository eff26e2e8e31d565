package io.onevault.jobs.alerts.rules;

import io.onevault.connectors.model.FieldValue;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One row of a rule's satellite.
 *
 * @param loadDate microseconds since the epoch
 * @param loadDateText as the row has it
 * @param endDate microseconds since the epoch; {@link Long#MAX_VALUE} while it is open
 * @param values the columns that are not null, each at most a little longer than any may be
 * @param problem why it cannot be obeyed; empty when it can
 * @param wasValid whether this very row could be obeyed before somebody changed it
 * @param snapshot the latest snapshot that had been begun when the row was heard of
 */
public record RuleVersion(
        long loadDate,
        String loadDateText,
        long endDate,
        Map<String, String> values,
        String problem,
        boolean wasValid,
        long snapshot) {

    /** Stands for a value that the server did not send. PostgreSQL's text has no NUL. */
    static final String UNKNOWN = "\0unknown";

    /** Between the end of a version and its successor; some end a version a moment before. */
    private static final long TOLERANCE_MICROS = 1_000_000;

    private static final long MICROS = 1_000_000;

    /** The version that a row says, told apart by its load date from others of its rule. */
    static RuleVersion of(
            RuleKind kind, List<FieldValue> row, @Nullable RuleVersion before, long snapshot) {
        Map<String, String> values = new TreeMap<>();
        for (FieldValue field : row) {
            String text = field.text();
            if (field.unchanged()) {
                text = before == null ? UNKNOWN : before.values.get(field.name());
            }
            if (text != null) {
                boolean fits = text.length() <= RuleRow.MAX_TEXT;
                values.put(field.name(), fits ? text : text.substring(0, RuleRow.MAX_TEXT + 1));
            }
        }
        String loadDate = values.getOrDefault("load_date", "");
        String end = values.get("load_end_date");
        return new RuleVersion(
                micros(loadDate),
                loadDate,
                end == null ? Long.MAX_VALUE : micros(end),
                values,
                problemOf(kind, values),
                before != null && (before.wasValid || before.isValid()),
                snapshot);
    }

    private static String problemOf(RuleKind kind, Map<String, String> values) {
        try {
            switch (kind) {
                case ALERT -> AlertRuleReader.read("", "", 0, values);
                case CAPACITY -> CapacityThresholdReader.read("", "", 0, values);
                case SILENCE -> SilenceReader.read("", "", 0, values);
            }
            return "";
        } catch (InvalidRuleException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** A moment as the server writes it; what lies beyond Java's reach is the end of time. */
    static long micros(String timestamp) {
        if (timestamp.startsWith("-")) {
            return Long.MIN_VALUE;
        }
        try {
            Instant moment = Instant.parse(timestamp);
            return Math.addExact(
                    Math.multiplyExact(moment.getEpochSecond(), MICROS), moment.getNano() / 1_000);
        } catch (DateTimeException | ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    boolean isOpen() {
        return endDate == Long.MAX_VALUE;
    }

    boolean isValid() {
        return problem.isEmpty();
    }

    boolean isActive() {
        return !"false".equals(values.get("is_active"));
    }

    /** Hexadecimal digits, two for each byte; what was cut off for its length may end with one. */
    String hashDiff() {
        String digits = Rulebook.hex(values.getOrDefault("hash_diff", ""));
        return digits.substring(0, digits.length() - digits.length() % 2);
    }

    /** Whether this version was still current when {@code later} began. */
    boolean reaches(RuleVersion later) {
        return isOpen() || endDate >= later.loadDate - TOLERANCE_MICROS;
    }
}
