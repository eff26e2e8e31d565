package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.MessageTemplate;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Says in one line what is the matter. Names from databases are plain text and stay as they are,
 * but for control characters, of which a line has none.
 */
final class AlertWords {

    private static final int MOST_OF_A_LABEL = 80;
    private static final double LARGEST_PLAIN = 1e15;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

    private AlertWords() {}

    /**
     * @param value that was judged; of an absent series the seconds without one
     * @param about what is behind it, may be empty
     */
    static String message(
            AlertRule rule,
            SeriesId series,
            String unit,
            Severity severity,
            double value,
            String about) {
        String line = worded(rule, series, unit, severity, value, about);
        return CONTROL.matcher(line).replaceAll(" ");
    }

    private static String worded(
            AlertRule rule,
            SeriesId series,
            String unit,
            Severity severity,
            double value,
            String about) {
        String said = said(rule, series, unit, severity, value);
        String usual = about.isEmpty() ? said : said + ": " + about;
        if (rule.messageTemplate().isEmpty()) {
            return usual;
        }
        Map<String, String> values = new HashMap<>();
        values.put("about", about);
        values.put("labels", labels(series).strip());
        values.put("message", usual);
        values.put("metric", series.metric());
        values.put("rule", rule.name());
        values.put("severity", word(severity));
        values.put("target", series.target());
        double threshold = Level.threshold(rule, severity);
        values.put("threshold", Double.isNaN(threshold) ? "" : number(threshold));
        values.put("unit", unit);
        values.put("value", number(value));
        Map<String, String> labels = new HashMap<>(series.labels());
        labels.replaceAll((name, label) -> shortened(label));
        return MessageTemplate.fill(rule.messageTemplate(), values, labels);
    }

    /** Why an alert ends whose value is in order. */
    static String inOrder(String about) {
        return about.isEmpty() ? "in order again" : "in order again: " + about;
    }

    private static String said(
            AlertRule rule, SeriesId series, String unit, Severity severity, double value) {
        String what = series.metric() + labels(series) + " on " + series.target();
        double threshold = Level.threshold(rule, severity);
        return switch (rule.condition()) {
            case ABSENCE -> "%s has no value for %s s".formatted(what, number(value));
            case RATE_OF_CHANGE ->
                    "%s changed by %s within %s s, %s from %s"
                            .formatted(
                                    what,
                                    quantity(value, unit),
                                    rule.parameters().get("window_seconds"),
                                    word(severity),
                                    quantity(threshold, unit));
            case FORECAST ->
                    "%s is expected to be %s within %s days, %s from %s"
                            .formatted(
                                    what,
                                    quantity(value, unit),
                                    rule.parameters().get("horizon_days"),
                                    word(severity),
                                    quantity(threshold, unit));
            case ANOMALY ->
                    "%s is %s deviations from what is usual, %s from %s"
                            .formatted(what, number(value), word(severity), number(threshold));
            case THRESHOLD ->
                    "%s is %s, %s from %s"
                            .formatted(
                                    what,
                                    quantity(value, unit),
                                    word(severity),
                                    quantity(threshold, unit));
        };
    }

    private static String word(Severity severity) {
        return severity.name().toLowerCase(Locale.ROOT);
    }

    private static String labels(SeriesId series) {
        return series.labels().isEmpty()
                ? ""
                : new TreeMap<>(series.labels())
                        .entrySet().stream()
                                .map(label -> label.getKey() + "=" + shortened(label.getValue()))
                                .collect(Collectors.joining(", ", " (", ")"));
    }

    private static String shortened(String text) {
        return text.length() <= MOST_OF_A_LABEL ? text : text.substring(0, MOST_OF_A_LABEL) + "…";
    }

    private static String quantity(double value, String unit) {
        return unit.isEmpty() || unit.equals("count") ? number(value) : number(value) + " " + unit;
    }

    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < LARGEST_PLAIN) {
            return Long.toString((long) value);
        }
        return String.format(Locale.ROOT, Math.abs(value) < 1 ? "%.3g" : "%.2f", value);
    }
}
