package io.onevault.jobs.locks.impact;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Recognises programs by the application name they give themselves: {@code psql}, {@code pgAdmin 4
 * - DB:orders}, {@code DataGrip 2024.1}, {@code pgBackRest [backup]}. The tool's name must stand at
 * the beginning and end there, but for a version or a blank and more.
 */
public final class ToolNames {

    /** What may follow the name: the rest is the tool's own talk. */
    private static final String ENDS = " /[(:";

    private ToolNames() {}

    /** The one of {@code tools} that calls itself {@code application}. */
    public static Optional<String> find(String application, List<String> tools) {
        return tools.stream().filter(tool -> is(application, tool)).findFirst();
    }

    private static boolean is(String application, String tool) {
        String name = application.strip().toLowerCase(Locale.ROOT);
        String prefix = tool.toLowerCase(Locale.ROOT);
        if (!name.startsWith(prefix)) {
            return false;
        }
        int at = prefix.length();
        while (at < name.length() && name.charAt(at) >= '0' && name.charAt(at) <= '9') {
            at++;
        }
        return at == name.length() || ENDS.indexOf(name.charAt(at)) >= 0;
    }
}
