package io.onevault.connectors.statement;

/** One pass over one statement's text. */
final class StatementScanner {

    private static final char LITERAL = '?';
    private static final String ROW = "(?)";
    private static final String[] REPEATED_ROWS = {"(?), (?)", "(?),(?)"};

    private final String in;
    private final int limit;
    private final char ellipsis;
    private final StringBuilder out = new StringBuilder();
    private int at;

    private final Naming naming = new Naming();

    /** Whether the rest was left out, for nobody can tell where a literal ends. */
    private boolean unclear;

    StatementScanner(String in, int limit, char ellipsis) {
        this.in = in;
        this.limit = limit;
        this.ellipsis = ellipsis;
    }

    String scan() {
        while (at < in.length() && out.length() <= limit) {
            token(in.charAt(at));
        }
        return finished();
    }

    private void token(char c) {
        if (Character.isWhitespace(c) || Character.isISOControl(c)) {
            at++;
            blank();
        } else if (c == '-' && next() == '-') {
            lineComment();
        } else if (c == '/' && next() == '*') {
            blockComment();
        } else if (c == '\'') {
            string(false);
        } else if (c == '"') {
            quotedName();
        } else if (c == '$') {
            dollar();
        } else if (isDigit(c) || c == '.' && isDigit(next())) {
            number();
        } else if (isWord(c)) {
            word();
        } else {
            at++;
            symbol(c);
        }
    }

    private String finished() {
        int end = out.length();
        boolean cut = end > limit;
        if (cut) {
            end = limit;
            if (Character.isHighSurrogate(out.charAt(end - 1))) {
                end--;
            }
        }
        while (end > 0 && out.charAt(end - 1) == ' ') {
            end--;
        }
        out.setLength(end);
        return cut ? out.append(ellipsis).toString() : out.toString();
    }

    private char next() {
        return at + 1 < in.length() ? in.charAt(at + 1) : '\0';
    }

    private void blank() {
        if (!out.isEmpty() && out.charAt(out.length() - 1) != ' ') {
            out.append(' ');
        }
    }

    private void symbol(char c) {
        out.append(c);
        if (c == ';') {
            naming.end();
        } else if (c == '=' && naming.sets()) {
            hidden();
        } else if (c == ')') {
            oneRow();
        }
    }

    /** Of the rows of literals in a VALUES one is kept. */
    private void oneRow() {
        for (String repeated : REPEATED_ROWS) {
            int start = out.length() - repeated.length();
            if (start >= 0 && out.indexOf(repeated, start) == start) {
                out.setLength(start + ROW.length());
            }
        }
    }

    private void lineComment() {
        while (at < in.length() && in.charAt(at) != '\n' && in.charAt(at) != '\r') {
            at++;
        }
        blank();
    }

    /** They nest. */
    private void blockComment() {
        int depth = 0;
        do {
            char c = in.charAt(at);
            if (c == '/' && next() == '*') {
                depth++;
                at += 2;
            } else if (c == '*' && next() == '/') {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < in.length());
        blank();
    }

    /** At the opening quote. A doubled quote is part of the string. */
    private void string(boolean escapes) {
        at++;
        while (at < in.length()) {
            char c = in.charAt(at++);
            if (c == '\\' && escapes) {
                at++;
            } else if (c == '\\' && at < in.length() && in.charAt(at) == '\'') {
                // The end of this string, or a quote in it: only the session's setting tells.
                leaveOut();
                return;
            } else if (c == '\'') {
                if (at < in.length() && in.charAt(at) == '\'') {
                    at++;
                } else {
                    break;
                }
            }
        }
        literal();
    }

    /** Names are no literals. */
    private void quotedName() {
        do {
            char c = in.charAt(at++);
            out.append(Character.isISOControl(c) ? ' ' : c);
        } while (at < in.length() && in.charAt(at) != '"' && out.length() <= limit);
        if (at < in.length() && in.charAt(at) == '"') {
            out.append('"');
            at++;
        }
    }

    /** A parameter like $1, or a string between two equal tags. */
    private void dollar() {
        int end = at + 1;
        if (end < in.length() && isDigit(in.charAt(end))) {
            do {
                out.append(in.charAt(at++));
            } while (at < in.length() && isDigit(in.charAt(at)));
            return;
        }
        while (end < in.length() && in.charAt(end) != '$' && isWord(in.charAt(end))) {
            end++;
        }
        if (end >= in.length()) {
            // Cut within the tag.
            literal();
            at = end;
        } else if (in.charAt(end) != '$') {
            out.append('$');
            at++;
        } else {
            String tag = in.substring(at, end + 1);
            int close = in.indexOf(tag, end + 1);
            literal();
            at = close < 0 ? in.length() : close + tag.length();
        }
    }

    private void number() {
        boolean exponent = false;
        while (at < in.length()) {
            char c = in.charAt(at);
            boolean sign = exponent && (c == '+' || c == '-');
            if (c != '.' && !isWord(c) && !sign) {
                break;
            }
            exponent = c == 'e' || c == 'E';
            at++;
        }
        literal();
    }

    /** A name, a key word, or the letters before a special string. */
    private void word() {
        int start = at;
        while (at < in.length() && (isWord(in.charAt(at)) || in.charAt(at) == '$')) {
            at++;
        }
        int length = at - start;
        if (at < in.length() && in.charAt(at) == '\'' && length == 1) {
            char kind = Character.toLowerCase(in.charAt(start));
            if (kind == 'e' || kind == 'b' || kind == 'x' || kind == 'n') {
                string(kind == 'e');
                return;
            }
        }
        if (length == 1 && at + 1 < in.length() && in.charAt(at) == '&') {
            char quote = in.charAt(at + 1);
            if (quote == '\'' && Character.toLowerCase(in.charAt(start)) == 'u') {
                at++;
                string(false);
                return;
            }
        }
        out.append(in, start, Math.min(at, start + limit + 1));
        if (naming.introduces(in, start, length)) {
            hidden();
        }
    }

    /**
     * What a SET sets, and whom a statement names, stands there without quotes. It is read like all
     * else, or a quote in a comment would hide the statements that follow.
     */
    private void hidden() {
        blank();
        naming.over();
        int kept = out.length();
        while (at < in.length() && in.charAt(at) != ';') {
            token(in.charAt(at));
            if (unclear || out.length() > limit) {
                out.setLength(kept);
                leaveOut();
                return;
            }
            out.setLength(kept);
        }
        out.append(LITERAL);
    }

    /** A literal of which nobody can tell where it ends, and with it the rest. */
    private void leaveOut() {
        literal();
        out.append(' ').append(ellipsis);
        unclear = true;
        at = in.length();
    }

    /** Of a list of literals one is kept, so that its length makes no other statement. */
    private void literal() {
        int end = out.length();
        while (end > 0 && out.charAt(end - 1) == ' ') {
            end--;
        }
        if (end > 0 && out.charAt(end - 1) == ',') {
            int before = end - 1;
            while (before > 0 && out.charAt(before - 1) == ' ') {
                before--;
            }
            if (before > 0 && out.charAt(before - 1) == LITERAL) {
                out.setLength(before);
                return;
            }
        }
        out.append(LITERAL);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isWord(char c) {
        return isDigit(c)
                || c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c == '_'
                || c >= '\u0080' && !Character.isWhitespace(c) && !Character.isISOControl(c);
    }
}
