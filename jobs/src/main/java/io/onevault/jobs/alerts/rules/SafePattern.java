package io.onevault.jobs.alerts.rules;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Regular expressions of strangers, in time linear in the text and bounded memory.
 *
 * <p>RE2/J has no backtracking (Cox: Regular Expression Matching Can Be Simple And Fast, 2007), but
 * copies what a counted repetition repeats, so that a short expression can still become a huge
 * program; its size is estimated before it is compiled.
 */
final class SafePattern {

    static final int MAX_LENGTH = 500;
    static final int MAX_PROGRAM = 2_000;

    private final Pattern pattern;

    private SafePattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * @param column named in the message
     * @throws InvalidRuleException when {@code expression} is none, or too large
     */
    static SafePattern of(String column, String expression) throws InvalidRuleException {
        if (expression.length() > MAX_LENGTH) {
            throw new InvalidRuleException(
                    "%s has more than %d characters: shorten it, or use several rules"
                            .formatted(column, MAX_LENGTH));
        }
        String tooLarge =
                "%s repeats too much: lower the numbers in braces, or use * or +".formatted(column);
        if (estimate(expression) > MAX_PROGRAM) {
            throw new InvalidRuleException(tooLarge);
        }
        try {
            Pattern compiled = Pattern.compile(expression, Pattern.DOTALL);
            if (compiled.programSize() > MAX_PROGRAM) {
                throw new InvalidRuleException(tooLarge);
            }
            return new SafePattern(compiled);
        } catch (PatternSyntaxException e) {
            throw new InvalidRuleException(
                    "%s is not a regular expression (%s): correct it; look-around and back-references are not supported"
                            .formatted(column, RuleRow.quoted(e.getDescription())));
        }
    }

    /** The same, null for an empty expression. */
    static @Nullable SafePattern optional(String column, String expression)
            throws InvalidRuleException {
        return expression.isEmpty() ? null : of(column, expression);
    }

    /** The same for each expression of a column that has several by name. */
    static Map<String, SafePattern> all(String column, Map<String, String> expressions)
            throws InvalidRuleException {
        Map<String, SafePattern> patterns = new HashMap<>();
        for (Map.Entry<String, String> expression : expressions.entrySet()) {
            patterns.put(
                    expression.getKey(),
                    of(column + "." + RuleRow.quoted(expression.getKey()), expression.getValue()));
        }
        return patterns;
    }

    /** Whether the whole of {@code text} matches. */
    boolean matches(String text) {
        return pattern.matches(text);
    }

    /** About how many instructions the expression becomes: an upper bound but for its constants. */
    private static long estimate(String expression) {
        Deque<Long> outer = new ArrayDeque<>();
        long sequence = 0;
        long last = 0;
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            if (c == '(') {
                outer.push(sequence);
                sequence = 0;
                last = 0;
            } else if (c == ')' && !outer.isEmpty()) {
                last = sequence + 2;
                sequence = outer.pop() + last;
            } else if (c == '{' && last > 0) {
                long times = largestCount(expression, i);
                if (times > 0) {
                    // The atom itself is counted already.
                    sequence += last * (times - 1);
                    last *= times;
                    i = expression.indexOf('}', i);
                }
            } else {
                i = c == '\\' ? endOfEscape(expression, i) : i;
                i = c == '[' ? endOfClass(expression, i) : i;
                last = 1;
                sequence++;
            }
            if (sequence > MAX_PROGRAM) {
                return sequence;
            }
        }
        while (!outer.isEmpty()) {
            sequence += outer.pop();
        }
        return sequence;
    }

    private static int endOfEscape(String expression, int at) {
        boolean named =
                at + 2 < expression.length()
                        && "pPx".indexOf(expression.charAt(at + 1)) >= 0
                        && expression.charAt(at + 2) == '{';
        int end = named ? expression.indexOf('}', at) : at + 1;
        return end < 0 ? at + 1 : end;
    }

    private static int endOfClass(String expression, int at) {
        for (int i = at + 2; i < expression.length(); i++) {
            char c = expression.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == ']') {
                return i;
            }
        }
        return at;
    }

    /** The greatest number in the braces at {@code at}; 0 when they are plain text. */
    private static long largestCount(String expression, int at) {
        int end = expression.indexOf('}', at);
        if (end < 0) {
            return 0;
        }
        long largest = 0;
        for (String number : expression.substring(at + 1, end).split(",", -1)) {
            if (number.length() > 6 || !number.chars().allMatch(d -> d >= '0' && d <= '9')) {
                return 0;
            }
            largest = number.isEmpty() ? largest : Math.max(largest, Long.parseLong(number));
        }
        return Math.max(1, largest);
    }
}
