package io.onevault.connectors.serverlog;

import java.util.regex.Pattern;

/** Texts of the log as they may be stored and shown: one line, of bounded length. */
final class LogText {

    private static final int LIMIT = 1000;
    private static final Pattern CONTROLS = Pattern.compile("\\p{Cntrl}+");

    private LogText() {}

    static String clean(String text) {
        // What is cut off anyway need not be searched.
        String head = text.length() > 2 * LIMIT ? text.substring(0, 2 * LIMIT) : text;
        String line = CONTROLS.matcher(head).replaceAll(" ").strip();
        if (line.length() <= LIMIT) {
            return line;
        }
        int end = Character.isHighSurrogate(line.charAt(LIMIT - 1)) ? LIMIT - 1 : LIMIT;
        return line.substring(0, end) + "…";
    }
}
