package io.onevault.jobs.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: a whole number with a unit, nothing else. */
final class Durations {

    private static final Pattern FORM = Pattern.compile("(\\d{1,15})\\s*(ms|s|m|h|d)");

    private Durations() {}

    /** The duration {@code text} stands for; empty when it is none. */
    static Optional<Duration> parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(form.group(1));
        try {
            return Optional.of(
                    switch (form.group(2)) {
                        case "ms" -> Duration.ofMillis(count);
                        case "s" -> Duration.ofSeconds(count);
                        case "m" -> Duration.ofMinutes(count);
                        case "h" -> Duration.ofHours(count);
                        default -> Duration.ofDays(count);
                    });
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** {@code duration} in the largest unit that holds it exactly; the inverse of parse. */
    static String format(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1_000 != 0 || millis == 0) {
            return millis + "ms";
        }
        long seconds = millis / 1_000;
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
