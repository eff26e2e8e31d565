package io.onevault.connectors.cdc.reader;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes the server's text of a value as {@link io.onevault.connectors.model.FieldValue} documents.
 *
 * <p>The text must come from a session with the settings of {@link Connections#SESSION}; snapshot
 * and stream both use them, so that a value reads the same from either.
 */
final class ServerText {

    private static final Pattern TIME_STAMP =
            Pattern.compile("(\\d+)(-\\d\\d-\\d\\d)(?: ([\\d:.]+?)(?:\\+00)?)?( BC)?");

    private static final Pattern INTERVAL =
            Pattern.compile(
                    "(?:(-?\\+?\\d+) years? ?)?(?:(-?\\+?\\d+) mons? ?)?(?:(-?\\+?\\d+) days? ?)?"
                            + "(?:([-+]?)(\\d+):(\\d\\d):(\\d\\d(?:\\.\\d+)?))?");

    /** Of a date with a year of four digits. */
    private static final int DATE_LENGTH = 10;

    private ServerText() {}

    /**
     * The text of a value that is not null.
     *
     * @param type the type's name in {@code pg_type}
     * @throws IllegalArgumentException when {@code text} is not of that type
     */
    static String of(String type, String text) {
        return switch (type) {
            case "bool" -> bool(text);
            case "float4" -> Float.toString(Float.parseFloat(text));
            case "float8" -> Double.toString(Double.parseDouble(text));
            case "date", "timestamp" -> time(text, "");
            case "timestamptz" -> time(text, "Z");
            case "interval" -> interval(text);
            default -> text;
        };
    }

    private static String bool(String text) {
        return switch (text) {
            case "t" -> "true";
            case "f" -> "false";
            default -> throw new IllegalArgumentException("not a bool: " + text);
        };
    }

    private static String time(String text, String zone) {
        String common = commonTime(text, zone);
        if (common != null) {
            return common;
        }
        if (text.endsWith("infinity")) {
            return text;
        }
        Matcher parts = TIME_STAMP.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not a time: " + text);
        }
        long year = Long.parseLong(parts.group(1));
        String shown =
                parts.group(4) == null
                        ? String.format(Locale.ROOT, "%04d", year)
                        : astronomical(1 - year);
        String date = shown + parts.group(2);
        return parts.group(3) == null ? date : date + "T" + parts.group(3) + zone;
    }

    /**
     * A time whose year has four digits, without the expression and the formatter, which take a
     * third of what decoding a row takes; null when it has another form.
     */
    private static @Nullable String commonTime(String text, String zone) {
        int length = text.length();
        if (length < DATE_LENGTH
                || text.charAt(4) != '-'
                || text.charAt(7) != '-'
                || !areDigits(text, 0, 4)
                || !areDigits(text, 5, 7)
                || !areDigits(text, 8, DATE_LENGTH)) {
            return null;
        }
        if (length == DATE_LENGTH) {
            return text;
        }
        int begin = DATE_LENGTH + 1;
        int end = text.endsWith("+00") ? length - 3 : length;
        if (text.charAt(DATE_LENGTH) != ' ' || begin >= end) {
            return null;
        }
        for (int i = begin; i < end; i++) {
            char c = text.charAt(i);
            if (c != ':' && c != '.' && (c < '0' || c > '9')) {
                return null;
            }
        }
        return new StringBuilder(end + zone.length())
                .append(text, 0, DATE_LENGTH)
                .append('T')
                .append(text, begin, end)
                .append(zone)
                .toString();
    }

    private static boolean areDigits(String text, int begin, int end) {
        for (int i = begin; i < end; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** The year before 1 is 0, as ISO 8601 counts. */
    private static String astronomical(long year) {
        return year < 0 ? String.format(Locale.ROOT, "-%04d", -year) : "0000";
    }

    private static String interval(String text) {
        if (text.endsWith("infinity")) {
            return text;
        }
        Matcher parts = INTERVAL.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            throw new IllegalArgumentException("not an interval: " + text);
        }
        boolean negative = "-".equals(parts.group(4));
        BigDecimal seconds =
                parts.group(7) == null
                        ? BigDecimal.ZERO
                        : new BigDecimal(parts.group(7)).stripTrailingZeros();
        return "P%dY%dM%dDT%dH%dM%sS"
                .formatted(
                        number(parts.group(1), false),
                        number(parts.group(2), false),
                        number(parts.group(3), false),
                        number(parts.group(5), negative),
                        number(parts.group(6), negative),
                        (negative ? seconds.negate() : seconds).toPlainString());
    }

    private static long number(@Nullable String digits, boolean negative) {
        long value = digits == null ? 0 : Long.parseLong(digits);
        return negative ? -value : value;
    }
}
