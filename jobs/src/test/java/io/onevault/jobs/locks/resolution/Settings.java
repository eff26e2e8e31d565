package io.onevault.jobs.locks.resolution;

import io.onevault.jobs.locks.impact.HourRange;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Settings that act. */
final class Settings {

    private Settings() {}

    /** The defaults, switched on. */
    static ResolutionSettings enabled() {
        ResolutionSettings defaults = ResolutionSettings.DEFAULT;
        return with(false, defaults.minimumWait(), defaults.grace(), defaults.maintenanceWindow());
    }

    static ResolutionSettings with(
            boolean dryRun, Duration wait, Duration grace, @Nullable HourRange window) {
        ResolutionSettings defaults = ResolutionSettings.DEFAULT;
        return new ResolutionSettings(
                true,
                dryRun,
                wait,
                1,
                50,
                grace,
                3,
                defaults.actionsWindow(),
                defaults.decisionAge(),
                window,
                defaults.adminUsers(),
                defaults.adminRoles(),
                defaults.vaultRoles(),
                defaults.adminTools());
    }
}
