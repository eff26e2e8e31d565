package io.onevault.sql;

import java.util.List;

/**
 * What one deployment did.
 *
 * @param database the vault's database
 * @param serverVersion the server's version as it calls itself, e.g. {@code 17.11}
 * @param fromVersion the vault's version before, empty when there was none
 * @param toVersion the vault's version now
 * @param migrations what was applied, in order; empty when the vault was up to date
 * @param partitionsCreated how many monthly partitions were missing
 * @param partitionsDropped how many were past their retention and are gone
 * @param warnings sentences on what was not done and who can do it; empty in the best case
 */
public record DeployReport(
        String database,
        String serverVersion,
        String fromVersion,
        String toVersion,
        List<Migration> migrations,
        int partitionsCreated,
        int partitionsDropped,
        List<String> warnings) {

    public DeployReport {
        migrations = List.copyOf(migrations);
        warnings = List.copyOf(warnings);
    }

    /**
     * One applied migration.
     *
     * @param version its version, empty for a repeatable one (views)
     * @param description what it brings, from its file name
     * @param millis how long it took
     */
    public record Migration(String version, String description, long millis) {}
}
