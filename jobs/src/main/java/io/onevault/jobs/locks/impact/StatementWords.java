package io.onevault.jobs.locks.impact;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The words of a normalised statement, in upper case. Quoted names are no words, so that a column
 * called vacuum is none.
 */
final class StatementWords {

    private StatementWords() {}

    /**
     * The words of each statement of {@code text}, all of them, for what a statement does may stand
     * at its end: names that are quoted become {@code "}, other symbols stand for themselves.
     */
    static List<List<String>> of(String text) {
        List<List<String>> statements = new ArrayList<>();
        List<String> words = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ';') {
                keep(words, statements);
                words = new ArrayList<>();
                at++;
            } else if (c == '"') {
                int end = text.indexOf('"', at + 1);
                at = end < 0 ? text.length() : end + 1;
                words.add("\"");
            } else if (isWord(c)) {
                int start = at;
                while (at < text.length() && isWord(text.charAt(at))) {
                    at++;
                }
                words.add(text.substring(start, at).toUpperCase(Locale.ROOT));
            } else {
                at++;
                if (!Character.isWhitespace(c) && !(words.isEmpty() && c == '(')) {
                    words.add(String.valueOf(c));
                }
            }
        }
        keep(words, statements);
        return statements;
    }

    private static void keep(List<String> words, List<List<String>> statements) {
        if (!words.isEmpty()) {
            statements.add(words);
        }
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$';
    }
}
