package io.onevault.jobs.config;

import java.io.Serializable;

/**
 * One mistake in a configuration. Holds no secret: values of secret keys are masked, and values
 * that came from the environment or a file are shown as they were written.
 *
 * @param file the configuration file as the user named it
 * @param line where, from 1; 0 when no line can be named
 * @param key path of the key, e.g. {@code targets[1].url}; empty for the file as a whole
 * @param value the offending value as written, masked for secrets; empty when it is missing
 * @param what what is wrong, without the value, in the form of a predicate: {@code is not a number}
 * @param remedy what to do, as an imperative
 */
public record ConfigProblem(
        String file, int line, String key, String value, String what, String remedy)
        implements Serializable {

    /** Longest value shown; a whole block by mistake in one value shall not flood the screen. */
    private static final int SHOWN = 80;

    /** One line for people: place, key, value, what is wrong; what to do. */
    public String sentence() {
        StringBuilder text = new StringBuilder(file);
        if (line > 0) {
            text.append(':').append(line);
        }
        text.append(": ");
        if (!key.isEmpty()) {
            text.append(key).append(' ');
        }
        if (!value.isEmpty()) {
            text.append('"').append(printable(value)).append("\" ");
        }
        text.append(what).append("; ").append(remedy);
        return remedy.endsWith("?") ? text.toString() : text.append('.').toString();
    }

    private static String printable(String value) {
        String line = value.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
    }

    @Override
    public String toString() {
        return sentence();
    }
}
