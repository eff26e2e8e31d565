package io.onevault.connectors.statement;

/**
 * Where a statement goes on with the value of a setting or with names of roles, which are persons:
 * {@code SET}, {@code SET ROLE}, {@code GRANT}, {@code ALTER USER} and the like, as in PostgreSQL's
 * manual, "SQL Commands". Is told the statement's words one after the other.
 */
final class Naming {

    private static final String[] ROLES = {"role", "user", "group"};

    private enum Verb {
        NONE,
        SET,
        GRANT,
        REVOKE,
        CREATE,
        ALTER,
        DROP,
        REASSIGN,
        COMMENT,
        OTHER
    }

    private Verb verb = Verb.NONE;
    private int words;

    /** Whether the word before this one was OWNER, OWNED or ON. */
    private boolean owning;

    /** Whether a value or names come right after this word. */
    boolean introduces(String in, int start, int length) {
        words++;
        if (verb == Verb.NONE) {
            verb = verb(in, start, length);
            return false;
        }
        boolean after = owning;
        owning = verb != Verb.OTHER && ownership(in, start, length);
        return switch (verb) {
            case SET ->
                    is(in, start, length, "to")
                            || is(in, start, length, "role")
                            || is(in, start, length, "authorization");
            case GRANT -> is(in, start, length, "to");
            case REVOKE -> is(in, start, length, "from");
            case CREATE ->
                    words == 2 && role(in, start, length) || is(in, start, length, "authorization");
            case ALTER ->
                    words == 2 && role(in, start, length) || after && is(in, start, length, "to");
            case DROP ->
                    words == 2 && role(in, start, length) || after && is(in, start, length, "by");
            case REASSIGN -> after && is(in, start, length, "by");
            case COMMENT -> after && role(in, start, length);
            case NONE, OTHER -> false;
        };
    }

    /** Whether this is a SET whose value is still to come. */
    boolean sets() {
        return verb == Verb.SET;
    }

    /** Value or names have been passed. */
    void over() {
        verb = Verb.OTHER;
    }

    /** The statement has ended; another may follow. */
    void end() {
        verb = Verb.NONE;
        words = 0;
        owning = false;
    }

    private static Verb verb(String in, int start, int length) {
        for (Verb verb : Verb.values()) {
            if (is(in, start, length, verb.name())) {
                return verb;
            }
        }
        return Verb.OTHER;
    }

    private static boolean ownership(String in, int start, int length) {
        return is(in, start, length, "owner")
                || is(in, start, length, "owned")
                || is(in, start, length, "on");
    }

    private static boolean role(String in, int start, int length) {
        for (String word : ROLES) {
            if (is(in, start, length, word)) {
                return true;
            }
        }
        return false;
    }

    private static boolean is(String in, int start, int length, String word) {
        return length == word.length() && in.regionMatches(true, start, word, 0, length);
    }
}
