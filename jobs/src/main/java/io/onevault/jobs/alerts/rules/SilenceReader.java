package io.onevault.jobs.alerts.rules;

import java.time.Duration;
import java.util.Map;

/** Makes a silence of a row of {@code alert_silence_s}, or says why it is none. */
final class SilenceReader {

    /** A silence longer than this is a rule that should be switched off. */
    private static final long MAX_MICROS = Duration.ofDays(366).toMillis() * 1_000;

    private static final int MAX_REASON = 500;

    private SilenceReader() {}

    static Silence read(String key, String tenantKey, long version, Map<String, String> values)
            throws InvalidRuleException {
        RuleRow row = new RuleRow(values);
        long from = moment(row, "starts_at");
        long until = moment(row, "ends_at");
        if (until <= from) {
            throw new InvalidRuleException(
                    "ends_at %s is not after starts_at %s: set a later one"
                            .formatted(values.get("ends_at"), values.get("starts_at")));
        }
        if (until - from > MAX_MICROS) {
            throw new InvalidRuleException(
                    "ends_at is more than a year after starts_at: set an earlier one, or switch the"
                            + " rule off");
        }
        String reason = row.text("reason");
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw new InvalidRuleException(
                    "reason is empty or longer than %d characters: say in a sentence why"
                            .formatted(MAX_REASON));
        }
        Map<String, String> labels = row.patterns("label_matchers");
        Silence silence =
                new Silence(
                        key,
                        tenantKey,
                        version,
                        row.pattern("alert_pattern"),
                        row.pattern("metric_pattern"),
                        row.pattern("target_pattern"),
                        labels,
                        from / 1_000,
                        until / 1_000,
                        RuleRow.quoted(row.text("created_by")),
                        reason.replaceAll("\\p{Cntrl}", " "));
        if (labels.isEmpty()
                && silence.rulePattern().isEmpty()
                && silence.metricPattern().isEmpty()
                && silence.targetPattern().isEmpty()) {
            throw new InvalidRuleException(
                    "none of alert_pattern, metric_pattern, target_pattern and label_matchers is"
                            + " set: name what is silenced, or write .* for all");
        }
        return silence;
    }

    /**
     * When a row's silence ends, milliseconds since the epoch; {@link Long#MIN_VALUE} for one that
     * says no such time.
     */
    static long end(Map<String, String> values) {
        String text = values.get("ends_at");
        long end = text == null ? Long.MAX_VALUE : RuleVersion.micros(text);
        return end == Long.MAX_VALUE || end == Long.MIN_VALUE ? Long.MIN_VALUE : end / 1_000;
    }

    private static long moment(RuleRow row, String column) throws InvalidRuleException {
        String text = row.text(column);
        long micros = RuleVersion.micros(text);
        if (text.isEmpty() || micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
            throw new InvalidRuleException(
                    "%s is %s: set a moment".formatted(column, RuleRow.quoted(text)));
        }
        return micros;
    }
}
