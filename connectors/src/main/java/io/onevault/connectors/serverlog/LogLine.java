package io.onevault.connectors.serverlog;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One record of a log, its fields by the names of the JSON format.
 *
 * @param fields without those that are absent
 */
record LogLine(Map<String, String> fields) {

    /** A field's text, empty when it is absent. */
    String text(String name) {
        return fields.getOrDefault(name, "");
    }

    /** A field's number, 0 when it is absent or none. */
    long number(String name) {
        @Nullable String value = fields.get(name);
        if (value == null) {
            return 0;
        }
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
