package io.onevault.connectors.cdc.reader;

import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.data.SpecialValueDecimal;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.SignStyle;
import java.time.temporal.ChronoField;
import java.util.HexFormat;
import java.util.Locale;
import org.postgresql.util.PGInterval;

/**
 * Writes values as {@link io.onevault.connectors.model.FieldValue} documents, whether they come
 * from the snapshot's driver or from the stream's decoder.
 */
final class PgText {

    private static final String INFINITY = "infinity";
    private static final String MINUS_INFINITY = "-infinity";

    /** Beyond every date PostgreSQL has (294276 AD for times, 5874897 AD for dates). */
    private static final int LAST_TIMESTAMP_YEAR = 294_276;

    private static final int FIRST_TIMESTAMP_YEAR = -4_713;
    private static final int LAST_DATE_YEAR = 5_874_897;

    private static final DateTimeFormatter DATE =
            new DateTimeFormatterBuilder()
                    .appendValue(ChronoField.YEAR, 4, 10, SignStyle.NORMAL)
                    .appendPattern("-MM-dd")
                    .toFormatter(Locale.ROOT);

    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder()
                    .appendPattern("HH:mm:ss")
                    .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
                    .toFormatter(Locale.ROOT);

    private PgText() {}

    /** The text of a value that is not null. */
    static String of(Object value) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof byte[] bytes) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        if (value instanceof SpecialValueDecimal number) {
            return number.getDecimalValue()
                    .map(BigDecimal::toPlainString)
                    .orElseGet(() -> Double.toString(number.toDouble()));
        }
        if (value instanceof OffsetDateTime time) {
            // The driver's infinities cannot be moved to another offset.
            boolean finite = Math.abs((long) time.getYear()) <= LAST_TIMESTAMP_YEAR;
            OffsetDateTime utc = finite ? time.withOffsetSameInstant(ZoneOffset.UTC) : time;
            return timestamp(utc.toLocalDateTime(), "Z");
        }
        if (value instanceof LocalDateTime time) {
            return timestamp(time, "");
        }
        if (value instanceof Instant instant) {
            return timestamp(LocalDateTime.ofInstant(instant, ZoneOffset.UTC), "");
        }
        if (value instanceof LocalDate date) {
            return date(date);
        }
        if (value instanceof LocalTime time) {
            return TIME.format(time);
        }
        if (value instanceof OffsetTime time) {
            return TIME.format(time) + time.getOffset();
        }
        if (value instanceof PGInterval interval) {
            return interval(interval);
        }
        return String.valueOf(value);
    }

    private static String timestamp(LocalDateTime time, String zone) {
        if (time.getYear() > LAST_TIMESTAMP_YEAR) {
            return INFINITY;
        }
        if (time.getYear() < FIRST_TIMESTAMP_YEAR) {
            return MINUS_INFINITY;
        }
        return DATE.format(time) + "T" + TIME.format(time) + zone;
    }

    private static String date(LocalDate date) {
        // The engine's infinite dates are two days in the far past.
        if (date.equals(PostgresValueConverter.POSITIVE_INFINITY_LOCAL_DATE)
                || date.getYear() > LAST_DATE_YEAR) {
            return INFINITY;
        }
        if (date.getYear() < FIRST_TIMESTAMP_YEAR) {
            return MINUS_INFINITY;
        }
        return DATE.format(date);
    }

    private static String interval(PGInterval value) {
        BigDecimal seconds =
                BigDecimal.valueOf(value.getWholeSeconds())
                        .add(BigDecimal.valueOf(value.getMicroSeconds(), 6))
                        .stripTrailingZeros();
        return "P%dY%dM%dDT%dH%dM%sS"
                .formatted(
                        value.getYears(),
                        value.getMonths(),
                        value.getDays(),
                        value.getHours(),
                        value.getMinutes(),
                        seconds.toPlainString());
    }
}
