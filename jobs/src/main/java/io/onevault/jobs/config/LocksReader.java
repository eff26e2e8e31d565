package io.onevault.jobs.config;

import io.onevault.connectors.locks.LockSamplerOptions;
import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.config.OneVaultConfig.Locks;
import io.onevault.jobs.locks.impact.AssessmentSettings;
import io.onevault.jobs.locks.impact.HourRange;
import io.onevault.jobs.locks.impact.ImpactWeights;
import io.onevault.jobs.locks.resolution.ResolutionSettings;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads how locks are judged and resolved. */
final class LocksReader {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int MOST_POINTS = 100;
    private static final int LAST_HOUR = 23;

    private LocksReader() {}

    /**
     * @param checkpointInterval of the job, which acting waits for
     */
    static Locks read(Section locks, Duration checkpointInterval) {
        AssessmentSettings defaults = AssessmentSettings.DEFAULT;
        String zone = zone(locks);
        ImpactWeights weights = weights(locks.section("impact"), defaults.weights());
        List<String> tables = names(locks, "critical_tables", defaults.criticalTables());
        List<String> admins = names(locks, "admin_users", defaults.adminUsers());
        HourRange hours = hours(locks.section("business_hours"), defaults.businessHours(), zone);
        Duration probe =
                locks.duration(
                        "probe_interval",
                        Locks.DEFAULT.probeInterval(),
                        LockSamplerOptions.FASTEST_PROBE,
                        LockSamplerOptions.SLOWEST_PROBE);
        boolean log = locks.flag("log", true);
        Section resolution = locks.section("resolution");
        String user = resolution.text("user");
        Secret password = resolution.secret("password", Secret.NONE);
        if (user == null && resolution.has("password")) {
            resolution.problem(
                    "password", "belongs to no user", "write the user beside it, or leave it out");
        }
        ResolutionSettings settings = resolution(resolution, admins, zone, checkpointInterval);
        resolution.done();
        locks.done();
        return new Locks(
                new AssessmentSettings(weights, tables, admins, hours, Map.of()),
                settings,
                probe,
                log,
                user,
                password);
    }

    private static ResolutionSettings resolution(
            Section section, List<String> admins, String zone, Duration checkpointInterval) {
        ResolutionSettings defaults = ResolutionSettings.DEFAULT;
        boolean enabled = section.flag("enabled", defaults.enabled());
        boolean dryRun = section.flag("dry_run", defaults.dryRun());
        Duration wait = section.duration("minimum_wait", defaults.minimumWait(), SECOND, HOUR);
        int victims = section.number("minimum_victims", defaults.minimumVictims(), 1, 1_000_000);
        int impact =
                section.number("minimum_impact", (int) defaults.minimumImpact(), 0, MOST_POINTS);
        Duration grace = section.duration("grace", defaults.grace(), SECOND, HOUR);
        int actions = section.number("max_actions", defaults.maxActions(), 1, 1_000);
        Duration window =
                section.duration(
                        "actions_window", defaults.actionsWindow(), SECOND, Duration.ofDays(1));
        Duration age = section.duration("decision_age", defaults.decisionAge(), SECOND, HOUR);
        if (enabled && age.compareTo(checkpointInterval) <= 0) {
            section.problem(
                    "decision_age",
                    "is not longer than job.checkpoint_interval, so that no decision would be"
                            + " carried out",
                    "write more than " + Durations.format(checkpointInterval));
        }
        HourRange maintenance = maintenance(section.section("maintenance_window"), zone);
        return new ResolutionSettings(
                enabled,
                dryRun,
                wait,
                victims,
                impact,
                grace,
                actions,
                window,
                age,
                maintenance,
                admins,
                more(section, "admin_roles", defaults.adminRoles()),
                names(section, "vault_roles", defaults.vaultRoles()),
                more(section, "admin_tools", defaults.adminTools()));
    }

    private static @Nullable HourRange maintenance(Section window, String zone) {
        boolean enabled = window.flag("enabled", true);
        HourRange hours = hours(window, new HourRange(2, 6, zone), zone);
        return enabled ? hours : null;
    }

    private static ImpactWeights weights(Section impact, ImpactWeights defaults) {
        ImpactWeights weights =
                new ImpactWeights(
                        points(impact, "per_second", defaults.perSecond()),
                        points(impact, "waiting", defaults.waiting()),
                        points(impact, "critical_table", defaults.criticalTable()),
                        points(impact, "other_table", defaults.otherTable()),
                        points(impact, "exclusive", defaults.exclusive()),
                        points(impact, "business_hours", defaults.businessHours()),
                        points(impact, "admin_user", defaults.adminUser()));
        impact.done();
        return weights;
    }

    private static double points(Section impact, String key, double fallback) {
        Section.Value value = impact.value(key);
        if (value == null) {
            return fallback;
        }
        String remedy = "write a number from -100 to 100, such as 2 or 0.5";
        try {
            double points = Double.parseDouble(value.text().strip());
            if (Math.abs(points) <= MOST_POINTS) {
                return points;
            }
            impact.problem(value, "is out of range", remedy);
        } catch (NumberFormatException e) {
            impact.problem(value, "is not a number", remedy);
        }
        return fallback;
    }

    private static HourRange hours(Section section, HourRange defaults, String zone) {
        int from = section.number("from", defaults.from(), 0, LAST_HOUR);
        int until = section.number("until", defaults.until(), 0, LAST_HOUR);
        section.done();
        return new HourRange(from, until, zone);
    }

    private static String zone(Section locks) {
        Section.Value value = locks.value("zone");
        if (value == null) {
            return "UTC";
        }
        try {
            return ZoneId.of(value.text().strip()).getId();
        } catch (DateTimeException e) {
            locks.problem(value, "is not a time zone", "write for example UTC or Europe/Berlin");
            return "UTC";
        }
    }

    private static List<String> names(Section section, String key, List<String> defaults) {
        List<Section.Value> values = section.values(key);
        if (values == null) {
            return defaults;
        }
        for (Section.Value value : values) {
            if (value.text().isBlank()) {
                section.problem(value, "is blank", "write a name or leave it out");
            }
        }
        return values.stream()
                .map(value -> value.text().strip())
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
    }

    private static List<String> more(Section section, String key, List<String> defaults) {
        return Stream.concat(defaults.stream(), names(section, key, List.of()).stream())
                .distinct()
                .toList();
    }
}
