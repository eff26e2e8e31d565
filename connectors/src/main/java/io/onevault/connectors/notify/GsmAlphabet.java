package io.onevault.connectors.notify;

import java.util.Map;

/**
 * The alphabet of text messages (3GPP TS 23.038, 6.2.1): a text within it takes seven bits a
 * character, some characters two of those; any other makes the whole text UCS-2, in which less than
 * half as much fits.
 */
final class GsmAlphabet {

    private static final String BASIC =
            "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
                    + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    private static final String EXTENDED = "\f^{}\\[~]|€";

    /** What looks or means nearly the same and is in the alphabet. */
    private static final Map<Integer, String> NEAR =
            Map.ofEntries(
                    Map.entry((int) '…', "..."),
                    Map.entry((int) '–', "-"),
                    Map.entry((int) '—', "-"),
                    Map.entry((int) '‐', "-"),
                    Map.entry((int) '‘', "'"),
                    Map.entry((int) '’', "'"),
                    Map.entry((int) '“', "\""),
                    Map.entry((int) '”', "\""),
                    Map.entry((int) '„', "\""),
                    Map.entry((int) '•', "*"),
                    Map.entry((int) '→', "->"),
                    Map.entry((int) '≥', ">="),
                    Map.entry((int) '≤', "<="),
                    Map.entry((int) '`', "'"),
                    Map.entry(0xFFFD, "?"));

    private GsmAlphabet() {}

    /** {@code text} with near equivalents where there are some. */
    static String near(String text) {
        StringBuilder near = new StringBuilder(text.length());
        text.codePoints()
                .forEach(
                        point -> {
                            String replacement = NEAR.get(point);
                            if (replacement == null) {
                                near.appendCodePoint(point);
                            } else {
                                near.append(replacement);
                            }
                        });
        return near.toString();
    }

    /** Whether all of {@code text} is in the alphabet. */
    static boolean holds(String text) {
        return text.codePoints().allMatch(point -> septets(point) > 0);
    }

    /** Septets a character takes; 0 when it is not in the alphabet. */
    static int septets(int point) {
        if (BASIC.indexOf(point) >= 0) {
            return 1;
        }
        return EXTENDED.indexOf(point) >= 0 ? 2 : 0;
    }
}
