package io.onevault.connectors.cdc.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerTextTest {

    @ParameterizedTest
    @CsvSource({
        "bool, t, true",
        "bool, f, false",
        "float4, 1e-30, 1.0E-30",
        "float8, -Infinity, -Infinity",
        "float8, 1.7976931348623157e+308, 1.7976931348623157E308",
        "numeric, 1.500, 1.500",
        "date, 5874897-12-31, 5874897-12-31",
        "date, 4713-01-01 BC, -4712-01-01",
        "date, 0001-02-29 BC, 0000-02-29",
        "date, -infinity, -infinity",
        "date, 2024-02-29, 2024-02-29",
        "date, 10000-01-01, 10000-01-01",
        "timestamp, 0001-01-01 00:00:00, 0001-01-01T00:00:00",
        "timestamptz, 2024-02-29 18:29:59+00, 2024-02-29T18:29:59Z",
        "timestamp, 2024-02-29 23:59:59.9, 2024-02-29T23:59:59.9",
        "timestamp, 294276-12-31 23:59:59.999999, 294276-12-31T23:59:59.999999",
        "timestamptz, 2024-02-29 18:29:59.123456+00, 2024-02-29T18:29:59.123456Z",
        "timestamptz, 0044-03-15 00:00:00+00 BC, -0043-03-15T00:00:00Z",
        "timestamptz, infinity, infinity",
        "interval, 00:00:00, P0Y0M0DT0H0M0S",
        "interval, -10 mons -3 days +04:05:06.789, P0Y-10M-3DT4H5M6.789S",
        "interval, 1 year 1 mon 1 day -01:02:03, P1Y1M1DT-1H-2M-3S",
        "interval, -00:00:00.5, P0Y0M0DT0H0M-0.5S",
        "interval, 178956970 years 7 mons 2147483647 days 2562047788:00:54.775807,"
                + " P178956970Y7M2147483647DT2562047788H0M54.775807S",
        "interval, infinity, infinity",
        "time, 24:00:00, 24:00:00",
        "text, t, t",
    })
    void writesWhatItDocuments(String type, String server, String expected) {
        assertThat(ServerText.of(type, server)).isEqualTo(expected);
    }

    @Test
    void refusesWhatIsNotOfTheType() {
        assertThatThrownBy(() -> ServerText.of("timestamptz", "yesterday"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ServerText.of("timestamptz", "2024-02-29 18:29:59+01"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ServerText.of("date", "2024/02/29"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ServerText.of("interval", "a while"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ServerText.of("float8", "many"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ServerText.of("bool", "maybe"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
