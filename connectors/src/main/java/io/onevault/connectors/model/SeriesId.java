package io.onevault.connectors.model;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a time series is a series of.
 *
 * <p>Its text form is the business key of the series' hub in the vault and the key of every stream
 * of samples: {@code target|tenant|metric|label=value|…}, labels in the order of their names, with
 * a backslash before a separator or backslash that is part of a name. Two equal ids have equal
 * texts.
 *
 * @param target the configured name of the watched server
 * @param tenant the tenant's business key, empty when the series belongs to none
 * @param metric the metric's name in the catalogue, e.g. {@code active_connections}
 * @param labels what tells this series from others of the same metric; never null
 */
public record SeriesId(String target, String tenant, String metric, Map<String, String> labels) {

    private static final char SEPARATOR = '|';
    private static final char ASSIGN = '=';
    private static final char ESCAPE = '\\';

    public SeriesId {
        labels = Map.copyOf(labels);
    }

    /** The text form. Linear in its length. */
    public String text() {
        StringBuilder out = new StringBuilder(64);
        append(out, target);
        append(out.append(SEPARATOR), tenant);
        append(out.append(SEPARATOR), metric);
        if (!labels.isEmpty()) {
            new TreeMap<>(labels)
                    .forEach(
                            (name, value) -> {
                                append(out.append(SEPARATOR), name);
                                append(out.append(ASSIGN), value);
                            });
        }
        return out.toString();
    }

    /**
     * Reads a text form.
     *
     * @throws IllegalArgumentException when {@code text} is none
     */
    public static SeriesId parse(String text) {
        String[] fixed = {"", "", ""};
        Map<String, String> labels = new TreeMap<>();
        StringBuilder token = new StringBuilder();
        String label = null;
        int position = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : SEPARATOR;
            if (c == ESCAPE && i + 1 < text.length()) {
                token.append(text.charAt(++i));
            } else if (c == ASSIGN && position >= fixed.length && label == null) {
                label = token.toString();
                token.setLength(0);
            } else if (c == SEPARATOR) {
                if (position < fixed.length) {
                    fixed[position] = token.toString();
                } else if (label == null) {
                    throw new IllegalArgumentException("a label without a value: " + text);
                } else {
                    labels.put(label, token.toString());
                    label = null;
                }
                token.setLength(0);
                position++;
            } else {
                token.append(c);
            }
        }
        if (position < fixed.length) {
            throw new IllegalArgumentException("not a series id: " + text);
        }
        return new SeriesId(fixed[0], fixed[1], fixed[2], labels);
    }

    private static void append(StringBuilder out, String part) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c == SEPARATOR || c == ASSIGN || c == ESCAPE) {
                out.append(ESCAPE);
            }
            out.append(c);
        }
    }
}
