package io.onevault.jobs.config;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.jobs.alerts.lifecycle.BusinessHours;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.lifecycle.Severity;
import io.onevault.jobs.alerts.routing.AlertRouting;
import io.onevault.sql.RuleProfile;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads what all alerts have in common, and whom they are told. */
final class AlertsReader {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final int LAST_HOUR = 23;

    private AlertsReader() {}

    static OneVaultConfig.Alerts read(Section alerts) {
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
        AlertRouting routing = routing(alerts);
        RuleProfile profile =
                alerts.choice("profile", List.of(RuleProfile.values()), RuleProfile::word);
        Map<String, String> together = alerts.texts("together");
        alerts.done();
        return new OneVaultConfig.Alerts(
                new LifecycleSettings(hours, stale, window, count, hold, forget, together),
                routing,
                profile == null ? RuleProfile.PRODUCTION : profile);
    }

    private static AlertRouting routing(Section alerts) {
        Map<String, Severity> severities = new HashMap<>();
        List<ChannelOptions> channels = ChannelsReader.read(alerts, severities);
        Set<String> names = new TreeSet<>();
        channels.forEach(channel -> names.add(channel.name()));
        List<Section.Value> written = alerts.values("default");
        List<String> defaults = new ArrayList<>();
        if (written == null) {
            channels.forEach(channel -> defaults.add(channel.name()));
        } else {
            for (Section.Value value : written) {
                String name = value.text().strip();
                if (!names.contains(name)) {
                    alerts.problem(value, "is no channel", Nearest.remedy(name, names));
                } else if (defaults.contains(name)) {
                    alerts.problem(value, "is listed twice", "keep one of them");
                } else {
                    defaults.add(name);
                }
            }
        }
        Duration wait =
                alerts.duration("group_wait", AlertRouting.DEFAULT_WAIT, Duration.ZERO, HOUR);
        Duration interval =
                alerts.duration(
                        "group_interval",
                        AlertRouting.DEFAULT_INTERVAL,
                        Duration.ofMillis(100),
                        DAY);
        return new AlertRouting(channels, defaults, severities, wait, interval, link(alerts));
    }

    /** A web address; anything else would not be shown in a message. */
    private static String link(Section alerts) {
        Section.Value value = alerts.value("link");
        if (value == null) {
            return "";
        }
        String link = value.text().strip();
        if (!link.startsWith("https://") && !link.startsWith("http://")) {
            alerts.problem(
                    value,
                    "is not a web address",
                    "write for example https://dashboards.example.com/alerts/{alert_id}");
            return "";
        }
        return link;
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
