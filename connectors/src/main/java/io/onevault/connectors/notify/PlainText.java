package io.onevault.connectors.notify;

/**
 * Makes text from anywhere fit for one line of a message: nothing in it moves the cursor, hides or
 * reorders other text, or is longer than it may be. What would is replaced by a space (line breaks,
 * tabs) or by U+FFFD (all else), so that a reader sees that something stood there. Joiners stay,
 * for scripts and emoji need them.
 *
 * <p>Reads no more of a text than it keeps; time is linear in the limit, not in the text.
 */
final class PlainText {

    private static final int REPLACEMENT = 0xFFFD;
    private static final int ELLIPSIS = 0x2026;
    private static final int BYTE_ORDER_MARK = 0xFEFF;
    private static final int NON_JOINER = 0x200C;
    private static final int JOINER = 0x200D;

    /** Invisible characters in a row that are read at most; more end the text. */
    private static final int LONGEST_SKIP = 1_000;

    private PlainText() {}

    /**
     * {@code text} on one line.
     *
     * @param limit code points at most; a longer text ends in an ellipsis
     */
    static String line(String text, int limit) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), limit));
        int length = 0;
        int skipped = 0;
        boolean gap = false;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            if (isSpace(point)) {
                gap = length > 0;
                if (++skipped > LONGEST_SKIP) {
                    return cut(line, length, limit);
                }
                continue;
            }
            skipped = 0;
            if (length + (gap ? 2 : 1) > limit) {
                return cut(line, length, limit);
            }
            if (gap) {
                line.append(' ');
                length++;
                gap = false;
            }
            line.appendCodePoint(isHarmless(point) ? point : REPLACEMENT);
            length++;
        }
        return line.toString();
    }

    /** {@code text} without its last characters, when needed to mark that more followed. */
    private static String cut(StringBuilder line, int length, int limit) {
        if (limit <= 0) {
            return "";
        }
        if (length >= limit) {
            line.setLength(line.offsetByCodePoints(line.length(), -1));
        }
        // A joiner with nothing to join would join the ellipsis.
        while (line.length() > 0 && line.charAt(line.length() - 1) == JOINER) {
            line.setLength(line.length() - 1);
        }
        return line.appendCodePoint(ELLIPSIS).toString();
    }

    private static boolean isSpace(int point) {
        return point == ' '
                || point >= '\t' && point <= '\r'
                || point == 0x85
                || Character.isSpaceChar(point);
    }

    /** Whether a character only shows itself. */
    private static boolean isHarmless(int point) {
        if (point == NON_JOINER || point == JOINER) {
            return true;
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED ->
                    false;
            default -> point != BYTE_ORDER_MARK;
        };
    }
}
