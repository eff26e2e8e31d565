package io.onevault.jobs.config;

import java.util.regex.Pattern;

/** Makes a value of the file fit to be shown. */
final class Redaction {

    private static final String MASK = "******";

    private static final Pattern PASSWORD_PARAMETER =
            Pattern.compile("((?:ssl)?password\\s*=)[^&\\s]*", Pattern.CASE_INSENSITIVE);
    private static final Pattern USER_INFO = Pattern.compile("//[^/?\\s]*@");

    private Redaction() {}

    /** {@code written} without what is secret, given the path of its key. */
    static String written(String path, String written) {
        return path.endsWith("password") ? MASK : url(written);
    }

    /** {@code text} without the credentials a URL in it may hold. */
    static String url(String text) {
        String masked = PASSWORD_PARAMETER.matcher(text).replaceAll("$1" + MASK);
        return USER_INFO.matcher(masked).replaceAll("//" + MASK + "@");
    }
}
