package io.onevault.jobs.alerts.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BusinessHoursTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource({
        // The clock is put back on the 25th and forward on the 29th of March.
        "2026-10-23T07:59, false, 2026-10-23T08:00",
        "2026-10-23T18:59, true, 2026-10-23T18:59",
        "2026-10-23T19:00, false, 2026-10-26T08:00",
        "2026-10-26T08:00, true, 2026-10-26T08:00",
        "2026-03-27T19:00, false, 2026-03-30T08:00",
        "2026-03-30T07:59, false, 2026-03-30T08:00"
    })
    void keepsToTheClockOnTheWall(LocalDateTime local, boolean within, LocalDateTime next) {
        BusinessHours hours =
                new BusinessHours(8, 18, BusinessHours.DEFAULT.days(), "Europe/Berlin");
        long moment = local.atZone(BERLIN).toInstant().toEpochMilli();
        assertThat(hours.contains(moment)).isEqualTo(within);
        assertThat(Instant.ofEpochMilli(hours.nextStart(moment)).atZone(BERLIN).toLocalDateTime())
                .isEqualTo(next);
    }

    @Test
    void anHourThatTheClockSkipsIsReplacedByTheNext() {
        BusinessHours two = new BusinessHours(2, 3, List.of(DayOfWeek.SUNDAY), "Europe/Berlin");
        long before = Instant.parse("2026-03-29T00:30:00Z").toEpochMilli();
        assertThat(Instant.ofEpochMilli(two.nextStart(before))).isEqualTo("2026-03-29T01:00:00Z");
        BusinessHours only = new BusinessHours(2, 2, List.of(DayOfWeek.SUNDAY), "Europe/Berlin");
        assertThat(Instant.ofEpochMilli(only.nextStart(before)))
                .as("a week later")
                .isEqualTo("2026-04-05T00:00:00Z");
    }

    @Test
    void halfHourZonesBeginOnTheirOwnHour() {
        BusinessHours india =
                new BusinessHours(9, 17, BusinessHours.DEFAULT.days(), "Asia/Kolkata");
        long night = Instant.parse("2026-11-18T22:10:00Z").toEpochMilli();
        assertThat(Instant.ofEpochMilli(india.nextStart(night))).isEqualTo("2026-11-19T03:30:00Z");
    }

    @Test
    void nightsBelongToTheDayOfEachHour() {
        BusinessHours night = new BusinessHours(22, 5, List.of(DayOfWeek.MONDAY), "UTC");
        assertThat(night.contains(Instant.parse("2026-11-16T03:00:00Z").toEpochMilli())).isTrue();
        assertThat(night.contains(Instant.parse("2026-11-16T23:00:00Z").toEpochMilli())).isTrue();
        assertThat(night.contains(Instant.parse("2026-11-17T03:00:00Z").toEpochMilli())).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 8, 18",
        "America/New_York, 1, 2",
        "Australia/Lord_Howe, 2, 2",
        "America/Santiago, 22, 5",
        "Pacific/Apia, 9, 17",
        "Asia/Kolkata, 0, 23"
    })
    void areTheSameHoursOnTheWallInEveryWeekOfTheYear(String zone, int from, int until) {
        BusinessHours hours = new BusinessHours(from, until, BusinessHours.DEFAULT.days(), zone);
        ZoneId there = ZoneId.of(zone);
        long quarter = Duration.ofMinutes(15).toMillis();
        long end = Instant.parse("2027-01-10T00:00:00Z").toEpochMilli();
        long next = Long.MAX_VALUE;
        for (long at = end; at > end - Duration.ofDays(375).toMillis(); at -= quarter) {
            ZonedDateTime wall = Instant.ofEpochMilli(at).atZone(there);
            boolean day = BusinessHours.DEFAULT.days().contains(wall.getDayOfWeek());
            boolean hour =
                    from <= until
                            ? wall.getHour() >= from && wall.getHour() <= until
                            : wall.getHour() >= from || wall.getHour() <= until;
            assertThat(hours.contains(at)).as("%s", wall).isEqualTo(day && hour);
            next = day && hour ? at : next;
            if (next != Long.MAX_VALUE) {
                assertThat(hours.nextStart(at)).as("next after %s", wall).isEqualTo(next);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-28T12:00:00Z, 2026-03-30T06:00:00Z",
        "2026-10-24T12:00:00Z, 2026-10-26T07:00:00Z"
    })
    void anAlertOfTheNightFiresAtEightOnTheWallAlsoAfterTheClockWasChanged(
            Instant from, Instant eight) {
        LifecycleSettings plain = LifecycleSettings.DEFAULT;
        LifecycleSettings berlin =
                new LifecycleSettings(
                        new BusinessHours(8, 18, BusinessHours.DEFAULT.days(), "Europe/Berlin"),
                        plain.staleAfter(),
                        plain.flapWindow(),
                        plain.flapCount(),
                        plain.flapHold(),
                        plain.forgetAfter());
        Alerting alert = new Alerting(Alerting.inBusinessHours(Alerting.ABOVE), berlin);
        long minute = 60_000;
        for (long at = from.toEpochMilli(); at <= eight.toEpochMilli(); at += minute) {
            alert.value((at - Alerting.T0) / 1000.0, 85);
        }
        assertThat(alert.said).hasSize(2);
        assertThat(alert.said.get(0).status()).isEqualTo(AlertStatus.SUPPRESSED);
        assertThat(alert.last().status()).isEqualTo(AlertStatus.FIRING);
        assertThat(Instant.ofEpochMilli(alert.last().at())).isEqualTo(eight);
    }
}
