package io.onevault.jobs.locks.resolution;

import io.onevault.connectors.locks.SignalResult;
import io.onevault.connectors.locks.SignalResult.Outcome;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the server said becomes part of the record. */
final class Outcomes {

    private static final String FAILED = "FAILED";

    /** Names of rules on the server and here, where they differ. */
    private static final Map<String, String> NAMES =
            Map.of(
                    "pid reused", "same backend start",
                    "other transaction", "same transaction",
                    "hidden", "visible");

    private Outcomes() {}

    /**
     * The complete record.
     *
     * @param result null when a restart left it unknown
     */
    static LockResolution record(LockResolution draft, @Nullable SignalResult result) {
        if (result == null) {
            return with(
                    draft,
                    "The job was restarted before it knew whether the signal was sent; it is not"
                            + " sent again.",
                    draft.safetyRules(),
                    0,
                    draft.dryRun() ? "" : FAILED);
        }
        boolean sent = result.outcome() == Outcome.SENT;
        boolean allowed = sent || result.outcome() == Outcome.ALLOWED;
        Map<String, String> rules = new HashMap<>(draft.safetyRules());
        if (allowed) {
            rules.replaceAll((name, said) -> Verdict.PASSED);
        } else if (!result.rule().isEmpty()) {
            rules.put(NAMES.getOrDefault(result.rule(), result.rule()), result.detail());
        }
        return with(
                draft,
                result.detail(),
                rules,
                sent ? result.atMicros() : 0,
                result.outcome() == Outcome.ALLOWED ? "" : result.outcome().name());
    }

    private static LockResolution with(
            LockResolution draft,
            String more,
            Map<String, String> rules,
            long executedAtMicros,
            String outcome) {
        return new LockResolution(
                draft.key(),
                draft.incident(),
                draft.target(),
                draft.tenant(),
                draft.pid(),
                draft.backendStartMicros(),
                draft.decidedAtMicros(),
                draft.decision(),
                draft.reason() + ' ' + more,
                Map.copyOf(rules),
                draft.dryRun(),
                executedAtMicros,
                outcome);
    }
}
