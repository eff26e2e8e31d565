package io.onevault.connectors.notify;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** Reads the {@code Retry-After} header (RFC 9110, 10.2.3): seconds, or a date. */
final class RetryAfter {

    /** Longer ones mean "never" all the same. */
    private static final Duration LONGEST = Duration.ofDays(30);

    private static final int MOST_DIGITS = 9;

    private RetryAfter() {}

    /** How long to wait; null when the header cannot be read. */
    static @Nullable Duration parse(String header, Instant now) {
        String value = header.strip();
        if (value.length() > 64 || value.isEmpty()) {
            return null;
        }
        Duration wait;
        if (value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            wait =
                    value.length() > MOST_DIGITS
                            ? LONGEST
                            : Duration.ofSeconds(Long.parseLong(value));
        } else {
            try {
                ZonedDateTime until =
                        ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME);
                wait = Duration.between(now, until.toInstant());
            } catch (DateTimeException e) {
                return null;
            }
        }
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
