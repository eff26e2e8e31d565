package io.onevault.jobs.vault;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the lock tables' columns have in common. Times come in microseconds since the epoch. */
final class LockValues {

    /** One origin for all, for a hub may be made by a link of another table's rows. */
    static final String RECORD_SOURCE = "ONEVAULT_STREAMS_LOCKS";

    private static final double MICROS = 1e6;

    private LockValues() {}

    static @Nullable String text(String value) {
        return value.isEmpty() ? null : value;
    }

    static @Nullable Long moment(long micros) {
        return micros == 0 ? null : micros;
    }

    /** The load date of what was seen then. */
    static long loadDate(long micros) {
        return Math.floorDiv(micros, 1_000L);
    }

    static double seconds(long micros) {
        return Math.max(0, micros) / MICROS;
    }

    static String integers(Collection<Integer> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
    }

    static String texts(Collection<String> values) {
        return values.stream()
                .map(value -> '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** Puts a text into a JSON object unless it is unknown. */
    static void put(Map<String, Object> object, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            object.put(name, value);
        }
    }

    /** Puts a time into a JSON object as ISO 8601, unless it is unknown. */
    static void putMoment(Map<String, Object> object, String name, long micros) {
        if (micros != 0) {
            object.put(name, Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString());
        }
    }
}
