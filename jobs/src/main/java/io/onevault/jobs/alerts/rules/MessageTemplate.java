package io.onevault.jobs.alerts.rules;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an alert's line says in a rule's own words: text with names in braces, which are replaced,
 * each once and never what was put in. Braces around anything that is not a plain name stay as they
 * are.
 *
 * <p>{@code {label.NAME}} is a label's value, empty where the series lacks it; the other names are
 * {@link #NAMES}.
 */
public final class MessageTemplate {

    /** What may stand in braces beside labels. */
    public static final List<String> NAMES =
            List.of(
                    "about",
                    "labels",
                    "message",
                    "metric",
                    "rule",
                    "severity",
                    "target",
                    "threshold",
                    "unit",
                    "value");

    private static final Pattern NAME = Pattern.compile("\\{([a-z_]+)(?:\\.([^{}]{1,100}))?}");
    private static final String LABEL = "label";
    private static final int MOST = 2_000;

    private MessageTemplate() {}

    /** The column's text, empty when null; names that are not known stay as they are. */
    static String read(RuleRow row, String column) throws InvalidRuleException {
        String text = row.text(column);
        if (text.length() > MOST) {
            throw new InvalidRuleException(
                    "%s has more than %d characters: shorten it".formatted(column, MOST));
        }
        return text;
    }

    /** The same where every name must be known. */
    static String readKnown(RuleRow row, String column) throws InvalidRuleException {
        String text = read(row, column);
        Matcher names = NAME.matcher(text);
        while (names.find()) {
            boolean known =
                    names.group(2) == null
                            ? NAMES.contains(names.group(1))
                            : names.group(1).equals(LABEL);
            if (!known) {
                throw new InvalidRuleException(
                        "%s has %s, which is no name: use one of {%s} or {label.NAME}"
                                .formatted(
                                        column,
                                        RuleRow.quoted(names.group()),
                                        String.join("}, {", new TreeSet<>(NAMES))));
            }
        }
        return text;
    }

    /**
     * The line.
     *
     * @param values of all {@link #NAMES}
     * @param labels of the series
     */
    public static String fill(
            String template, Map<String, String> values, Map<String, String> labels) {
        return NAME.matcher(template)
                .replaceAll(
                        name -> {
                            String label = name.group(2);
                            return Matcher.quoteReplacement(
                                    label == null
                                            ? values.getOrDefault(name.group(1), name.group())
                                            : labels.getOrDefault(label, ""));
                        });
    }
}
