package io.onevault.connectors.serverlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogTimeTest {

    @ParameterizedTest
    @CsvSource({
        "Etc/UTC, 2026-11-21 08:00:00.123 UTC, 2026-11-21T08:00:00.123Z",
        "GMT, 2026-11-21 08:00:00 GMT, 2026-11-21T08:00:00Z",
        "Europe/Berlin, 2026-07-01 12:00:00.5 CEST, ",
        "Europe/Berlin, 2026-07-01 12:00:00.500 CEST, 2026-07-01T10:00:00.500Z",
        "Europe/Berlin, 2026-12-01 12:00:00.500 CET, 2026-12-01T11:00:00.500Z",
        "America/Sao_Paulo, 2026-12-01 12:00:00.500 -03, 2026-12-01T15:00:00.500Z",
        "Asia/Kathmandu, 2026-12-01 12:00:00.500 +0545, 2026-12-01T06:15:00.500Z",
        "No/Such_Zone, 2026-12-01 12:00:00.000 XYZ, 2026-12-01T10:00:00Z",
        "GMT, 2026-13-45 12:00:00.000 GMT, ",
        "GMT, DROP TABLE, "
    })
    void readsLocalTimes(String zone, String text, Instant expected) {
        long millis = new LogTime(zone, 7_200).millis(text, 0);
        assertThat(millis).isEqualTo(expected == null ? 0 : expected.toEpochMilli());
    }

    @Test
    void theHourThatAutumnRepeatsComesTwice() {
        LogTime berlin = new LogTime("Europe/Berlin", 0);
        long first = berlin.millis("2026-10-25 02:59:59.000 CEST", 0);
        assertThat(first).isEqualTo(Instant.parse("2026-10-25T00:59:59Z").toEpochMilli());
        long second = berlin.millis("2026-10-25 02:00:01.000 CET", first);
        assertThat(second).isEqualTo(Instant.parse("2026-10-25T01:00:01Z").toEpochMilli());
        assertThat(berlin.millis("2026-10-25 02:00:02.000 CET", second)).isEqualTo(second + 1_000);
    }
}
