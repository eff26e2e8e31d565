package io.onevault.connectors.serverlog;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the times of a log, which are local times of {@code log_timezone} with an abbreviation that
 * need not be unique.
 *
 * <p>In the hour that an autumn repeats, a time that would lie well before the one before is taken
 * for the second of the two.
 */
final class LogTime {

    private static final Pattern TIME =
            Pattern.compile("(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d)(?:\\.(\\d{3}))? ([^ ]+)");
    private static final DateTimeFormatter LOCAL =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
    private static final Pattern OFFSET = Pattern.compile("([+-])(\\d\\d):?(\\d\\d)?");
    private static final long BACKWARDS_MILLIS = 30 * 60_000L;

    private final ZoneId zone;

    /**
     * @param timezone the setting {@code log_timezone}
     * @param offsetSeconds east of Greenwich there now, for zones that Java does not know
     */
    LogTime(String timezone, int offsetSeconds) {
        this.zone = zone(timezone, offsetSeconds);
    }

    private static ZoneId zone(String timezone, int offsetSeconds) {
        try {
            return ZoneId.of(timezone);
        } catch (DateTimeException e) {
            return ZoneOffset.ofTotalSeconds(offsetSeconds);
        }
    }

    static boolean isOne(String text) {
        return TIME.matcher(text).matches();
    }

    /**
     * Milliseconds since the epoch; 0 when {@code text} is no time.
     *
     * @param before the time of the record before
     */
    long millis(String text, long before) {
        Matcher time = TIME.matcher(text);
        if (!time.matches()) {
            return 0;
        }
        LocalDateTime local;
        try {
            local = LocalDateTime.parse(time.group(1), LOCAL);
        } catch (DateTimeException e) {
            return 0;
        }
        long fraction = time.group(2) == null ? 0 : Long.parseLong(time.group(2));
        Matcher offset = OFFSET.matcher(time.group(3));
        if (offset.matches()) {
            return seconds(local, offset(offset)) * 1000 + fraction;
        }
        if (time.group(3).equals("UTC") || time.group(3).equals("GMT")) {
            return seconds(local, ZoneOffset.UTC) * 1000 + fraction;
        }
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
        if (offsets.isEmpty()) {
            return seconds(local, zone.getRules().getOffset(local)) * 1000 + fraction;
        }
        long first = seconds(local, offsets.get(0)) * 1000 + fraction;
        if (offsets.size() > 1 && first < before - BACKWARDS_MILLIS) {
            return seconds(local, offsets.get(1)) * 1000 + fraction;
        }
        return first;
    }

    private static ZoneOffset offset(Matcher offset) {
        int minutes =
                Integer.parseInt(offset.group(2)) * 60
                        + (offset.group(3) == null ? 0 : Integer.parseInt(offset.group(3)));
        return ZoneOffset.ofTotalSeconds(
                60 * Math.min(minutes, 18 * 60) * (offset.group(1).equals("-") ? -1 : 1));
    }

    private static long seconds(LocalDateTime local, ZoneOffset offset) {
        return local.toEpochSecond(offset);
    }
}
