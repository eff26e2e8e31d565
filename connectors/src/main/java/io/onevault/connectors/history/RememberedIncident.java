package io.onevault.connectors.history;

/**
 * An incident that is not over, as the vault has it. Times are milliseconds since the epoch on the
 * watched server's clock, 0 for not yet; a text that is not known is empty.
 *
 * @param key of the incident
 * @param target its title speaks of
 * @param title what is the matter
 * @param severity name of the worst so far
 * @param openedAt when its first alert fired
 * @param acknowledgedAt when somebody had first taken note of all that were told
 * @param over how many of its alerts are, beside the one that this is said of
 * @param explained how many were not told because another alert explained them
 * @param rootHash hash key of the alert that explains others, hexadecimal
 * @param rootCause its rule's name
 * @param at of the row
 */
public record RememberedIncident(
        String key,
        String target,
        String title,
        String severity,
        long openedAt,
        long acknowledgedAt,
        int over,
        int explained,
        String rootHash,
        String rootCause,
        long at) {}
