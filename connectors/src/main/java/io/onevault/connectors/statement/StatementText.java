package io.onevault.connectors.statement;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A statement as it may be stored and shown: every literal is a question mark, comments are gone,
 * white space is single blanks, lists of literals count as one. It need not be valid or complete:
 * {@code pg_stat_activity} cuts it anywhere at its end.
 *
 * <p>Follows the lexical rules of PostgreSQL's manual, chapter "Lexical Structure". Where the text
 * alone does not tell where a literal ends (a backslash before a quote, which depends on {@code
 * standard_conforming_strings}), the rest is left out rather than shown.
 *
 * @param text without literals, at most {@value #LIMIT} characters and an ellipsis
 * @param fingerprint 16 hexadecimal digits, equal for texts that differ in letter case and spacing
 *     only; empty for an empty text
 */
public record StatementText(String text, String fingerprint) {

    /** Longer texts are cut. */
    public static final int LIMIT = 1000;

    /** No statement. */
    public static final StatementText NONE = new StatementText("", "");

    private static final int FINGERPRINT_BYTES = 8;
    private static final char ELLIPSIS = '…';

    /** Takes the literals out of {@code raw}. Linear in what is kept of it. */
    public static StatementText of(String raw) {
        String text = new StatementScanner(raw, LIMIT, ELLIPSIS).scan();
        return text.isEmpty() ? NONE : new StatementText(text, fingerprint(text));
    }

    private static String fingerprint(String text) {
        StringBuilder dense = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // A blank only counts where two words would otherwise become one.
            boolean counts =
                    c != ' '
                            || i > 0
                                    && i + 1 < text.length()
                                    && StatementScanner.isWord(text.charAt(i - 1))
                                    && StatementScanner.isWord(text.charAt(i + 1));
            if (counts) {
                dense.append(c);
            }
        }
        byte[] bytes = dense.toString().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(hash, 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
