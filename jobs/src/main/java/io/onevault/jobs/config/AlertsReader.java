package io.onevault.jobs.config;

import io.onevault.jobs.alerts.lifecycle.BusinessHours;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads what all alerts have in common. */
final class AlertsReader {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final int LAST_HOUR = 23;

    private AlertsReader() {}

    static LifecycleSettings read(Section alerts) {
        LifecycleSettings defaults = LifecycleSettings.DEFAULT;
        Duration stale = alerts.duration("stale_after", defaults.staleAfter(), SECOND, DAY);
        Duration window = alerts.duration("flap_window", defaults.flapWindow(), SECOND, DAY);
        int count = alerts.number("flap_count", defaults.flapCount(), 2, 100);
        Duration hold = alerts.duration("flap_hold", defaults.flapHold(), SECOND, DAY);
        Duration forget =
                alerts.duration(
                        "forget_after", defaults.forgetAfter(), SECOND, Duration.ofDays(365));
        String zone = zone(alerts, defaults.businessHours().zone());
        BusinessHours hours =
                hours(alerts.section("business_hours"), defaults.businessHours(), zone);
        alerts.done();
        return new LifecycleSettings(hours, stale, window, count, hold, forget);
    }

    private static BusinessHours hours(Section section, BusinessHours defaults, String zone) {
        int from = section.number("from", defaults.from(), 0, LAST_HOUR);
        int until = section.number("until", defaults.until(), 0, LAST_HOUR);
        Set<DayOfWeek> days =
                section.choices(
                        "days",
                        List.of(DayOfWeek.values()),
                        day -> day.name().substring(0, 3).toLowerCase(Locale.ROOT));
        if (days != null && days.isEmpty()) {
            section.problem("days", "names none", "write for example [mon, tue], or leave it out");
        }
        section.done();
        return new BusinessHours(
                from,
                until,
                days == null || days.isEmpty() ? defaults.days() : days.stream().sorted().toList(),
                zone);
    }

    private static String zone(Section alerts, String fallback) {
        Section.Value value = alerts.value("zone");
        if (value == null) {
            return fallback;
        }
        try {
            return ZoneId.of(value.text().strip()).getId();
        } catch (DateTimeException e) {
            alerts.problem(value, "is not a time zone", "write for example UTC or Europe/Berlin");
            return fallback;
        }
    }
}
