package io.onevault.jobs.alerts.rules;

/**
 * That a version of a rule was rejected, or that the rule is in order again.
 *
 * @param kind whose rule
 * @param key hash key of the rule's hub, hexadecimal
 * @param at when the version was committed, milliseconds since the epoch; later rejections of the
 *     same rule have later times
 * @param rejectedLoadDate the version's load date as its row has it
 * @param rejectedHashDiff the version's hash difference, hexadecimal
 * @param reason one sentence with the remedy; empty ends the rejection before: the version named is
 *     accepted, or the rejected one is gone
 */
public record RuleRejection(
        RuleKind kind,
        String key,
        long at,
        String rejectedLoadDate,
        String rejectedHashDiff,
        String reason) {

    boolean saysTheSameAs(RuleRejection other) {
        return rejectedLoadDate.equals(other.rejectedLoadDate)
                && rejectedHashDiff.equals(other.rejectedHashDiff)
                && reason.equals(other.reason);
    }
}
