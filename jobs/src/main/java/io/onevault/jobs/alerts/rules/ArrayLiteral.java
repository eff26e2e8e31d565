package io.onevault.jobs.alerts.rules;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's text form of an array of one dimension. */
final class ArrayLiteral {

    private ArrayLiteral() {}

    /** The elements, null for NULL; null when {@code literal} is no such array. */
    static @Nullable List<@Nullable String> parse(String literal) {
        int last = literal.length() - 1;
        if (last < 1 || literal.charAt(0) != '{' || literal.charAt(last) != '}') {
            return null;
        }
        List<@Nullable String> elements = new ArrayList<>();
        StringBuilder element = new StringBuilder();
        boolean quoted = false;
        boolean wasQuoted = false;
        for (int i = 1; i <= last; i++) {
            char c = literal.charAt(i);
            if (c == '\\' && i + 1 < last) {
                element.append(literal.charAt(++i));
            } else if (c == '"') {
                quoted = !quoted;
                wasQuoted = true;
            } else if (quoted) {
                element.append(c);
            } else if (c == '{' || (c == '}' && i < last)) {
                return null;
            } else if (c == ',' || c == '}') {
                if (c == ',' || last > 1) {
                    boolean none = !wasQuoted && element.toString().equalsIgnoreCase("null");
                    elements.add(none ? null : element.toString());
                }
                element.setLength(0);
                wasQuoted = false;
            } else {
                element.append(c);
            }
        }
        return quoted ? null : elements;
    }
}
