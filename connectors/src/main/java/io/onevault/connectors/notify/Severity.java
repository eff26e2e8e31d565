package io.onevault.connectors.notify;

import java.util.Locale;

/** How bad an alert is. Travels as {@link #word}, never as an ordinal. */
public enum Severity {
    INFO,
    WARNING,
    CRITICAL;

    /** The word for it in records and messages. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The severity of a word.
     *
     * @throws IllegalArgumentException for any other word
     */
    public static Severity of(String word) {
        for (Severity severity : values()) {
            if (severity.word().equals(word)) {
                return severity;
            }
        }
        throw new IllegalArgumentException(
                "severity of a notification: not one of info, warning, critical");
    }
}
