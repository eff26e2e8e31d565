package io.onevault.jobs.locks.resolution;

import java.util.Map;

/**
 * A decision about a blocker: what was to be done, which rules allowed it, and what came of it.
 * Times are the watched server's clock in microseconds since the epoch.
 *
 * @param key {@code incident/pid/backendStart/decidedAt}, for a session may be the root of several
 *     incidents; the hub's business key
 * @param incident key of the blocking incident
 * @param target the configured name of the watched server
 * @param tenant business key of the one tenant the incident concerns, empty for none or several
 * @param pid of the session decided on; 0 for a prepared transaction, which is never touched
 * @param backendStartMicros when it started
 * @param decidedAtMicros when; the load date of its first row
 * @param decision {@code ADVISE}, {@code CANCEL}, {@code TERMINATE} or {@code REFUSE}
 * @param reason one sentence
 * @param safetyRules each rule by name, and {@code passed} or why it refuses
 * @param dryRun whether nothing was done, and would have been
 * @param executedAtMicros when the server was told, 0 when it was not
 * @param outcome {@code SENT}, {@code GONE} when the session or its blocking had ended by itself or
 *     it does something else meanwhile, {@code PROTECTED} when the server's own re-check refused,
 *     {@code FAILED} with the reason; empty when nothing was tried
 */
public record LockResolution(
        String key,
        String incident,
        String target,
        String tenant,
        int pid,
        long backendStartMicros,
        long decidedAtMicros,
        String decision,
        String reason,
        Map<String, String> safetyRules,
        boolean dryRun,
        long executedAtMicros,
        String outcome) {}
