package io.onevault.connectors.notify;

import java.util.Locale;

/** What a notification says of its alert. Travels as {@link #word}, never as an ordinal. */
public enum Status {
    /** The alert is on. Sent again, with a key of its own, when an alert escalates. */
    FIRING,
    /** Somebody has taken note. */
    ACKNOWLEDGED,
    /** The alert is over. */
    RESOLVED;

    /** The word for it in records and messages. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The status of a word.
     *
     * @throws IllegalArgumentException for any other word
     */
    public static Status of(String word) {
        for (Status status : values()) {
            if (status.word().equals(word)) {
                return status;
            }
        }
        throw new IllegalArgumentException(
                "status of a notification: not one of firing, acknowledged, resolved");
    }
}
