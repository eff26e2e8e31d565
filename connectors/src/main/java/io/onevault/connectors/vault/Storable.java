package io.onevault.connectors.vault;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Text as PostgreSQL can store it. A NUL character and half of a surrogate pair have no place in a
 * UTF-8 database; each becomes U+FFFD, the replacement character, so that hostile text is stored
 * and shown as text.
 */
final class Storable {

    private static final char REPLACEMENT = '\uFFFD';

    private Storable() {}

    static String text(String value) {
        int bad = firstBad(value, 0);
        if (bad < 0) {
            return value;
        }
        StringBuilder out = new StringBuilder(value);
        while (bad >= 0) {
            out.setCharAt(bad, REPLACEMENT);
            bad = firstBad(out, bad + 1);
        }
        return out.toString();
    }

    static List<@Nullable Object> payload(List<@Nullable Object> payload) {
        List<@Nullable Object> storable = new ArrayList<>(payload.size());
        for (Object value : payload) {
            storable.add(value instanceof String text ? text(text) : value);
        }
        return storable;
    }

    private static int firstBad(CharSequence value, int from) {
        for (int i = from; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == 0) {
                return i;
            }
            if (Character.isHighSurrogate(c)
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return i;
            }
        }
        return -1;
    }
}
