package io.onevault.jobs.locks.resolution;

import io.onevault.connectors.locks.SignalProtection;
import io.onevault.jobs.locks.impact.HourRange;
import io.onevault.jobs.locks.impact.Maintenance;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When blockers are ended automatically, and which never are.
 *
 * @param enabled whether anything but advice is decided
 * @param dryRun whether decisions are checked on the server and recorded, and nothing is sent
 * @param minimumWait nothing is decided before the longest victim has waited that long
 * @param minimumVictims fewer get advice only
 * @param minimumImpact incidents below get advice only; 0 to 100
 * @param grace how long a cancelled session has to let go before it is terminated, and how long
 *     nothing is tried again after the server has refused
 * @param maxActions decisions to act on one target within {@code actionsWindow} at most, but those
 *     that the server refused; failures and dry runs count too
 * @param actionsWindow see above
 * @param decisionAge a decision that could not be carried out within this time is void; longer than
 *     the interval of checkpoints, for none is carried out before a checkpoint holds it
 * @param maintenanceWindow hours in which nobody is ended; null for none
 * @param adminUsers protected login roles
 * @param adminRoles roles whose members are protected
 * @param vaultRoles roles of the vault model whose holders are protected
 * @param adminTools programs that are protected, beside those that back up and restore
 */
public record ResolutionSettings(
        boolean enabled,
        boolean dryRun,
        Duration minimumWait,
        int minimumVictims,
        double minimumImpact,
        Duration grace,
        int maxActions,
        Duration actionsWindow,
        Duration decisionAge,
        @Nullable HourRange maintenanceWindow,
        List<String> adminUsers,
        List<String> adminRoles,
        List<String> vaultRoles,
        List<String> adminTools)
        implements Serializable {

    /** Off; the lists and hours of the platform this was made for. */
    public static final ResolutionSettings DEFAULT =
            new ResolutionSettings(
                    false,
                    true,
                    Duration.ofSeconds(30),
                    1,
                    50,
                    Duration.ofSeconds(30),
                    3,
                    Duration.ofMinutes(10),
                    Duration.ofSeconds(30),
                    new HourRange(2, 6, "UTC"),
                    List.of("postgres"),
                    List.of(
                            "rds_superuser",
                            "cloudsqlsuperuser",
                            "alloydbsuperuser",
                            "azure_pg_admin"),
                    List.of("SYSTEM_ADMIN", "DATABASE_ADMIN", "BACKUP_OPERATOR"),
                    List.of("pgAdmin", "DataGrip", "psql", "DBeaver", "pgcli", "Navicat"));

    public ResolutionSettings {
        adminUsers = List.copyOf(adminUsers);
        adminRoles = List.copyOf(adminRoles);
        vaultRoles = List.copyOf(vaultRoles);
        adminTools = List.copyOf(adminTools);
    }

    /** Every program that is protected. */
    public List<String> tools() {
        return Stream.of(adminTools, Maintenance.BACKUP_TOOLS, Maintenance.MAINTENANCE_TOOLS)
                .flatMap(List::stream)
                .distinct()
                .toList();
    }

    /** What the server is asked to check again. */
    public SignalProtection protection() {
        return new SignalProtection(adminUsers, adminRoles, tools(), vaultRoles);
    }
}
