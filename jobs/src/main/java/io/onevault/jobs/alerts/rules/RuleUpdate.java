package io.onevault.jobs.alerts.rules;

import java.util.ArrayList;
import java.util.List;

/**
 * What one transaction in the vault changed in the rules in force; all or nothing.
 *
 * @param version place in the log of the vault; greater than that of every update before
 * @param rules new in force, or in force with another content
 * @param thresholds the same
 * @param retiredRules hash keys of the rules no longer in force
 * @param retiredThresholds hash keys of the thresholds no longer in force
 * @param silences the same as rules
 * @param retiredSilences hash keys of the silences that are ended, or were over for long
 */
public record RuleUpdate(
        long version,
        List<AlertRule> rules,
        List<CapacityThreshold> thresholds,
        List<String> retiredRules,
        List<String> retiredThresholds,
        List<Silence> silences,
        List<String> retiredSilences) {

    /** An update without silences. */
    public RuleUpdate(
            long version,
            List<AlertRule> rules,
            List<CapacityThreshold> thresholds,
            List<String> retiredRules,
            List<String> retiredThresholds) {
        this(
                version,
                rules,
                thresholds,
                retiredRules,
                retiredThresholds,
                new ArrayList<>(),
                new ArrayList<>());
    }

    /** Whether it brings or retires a rule or a threshold, and not silences alone. */
    public boolean changesRules() {
        return !rules.isEmpty()
                || !thresholds.isEmpty()
                || !retiredRules.isEmpty()
                || !retiredThresholds.isEmpty();
    }

    /** Whether it brings or retires a silence. */
    public boolean changesSilences() {
        return !silences.isEmpty() || !retiredSilences.isEmpty();
    }
}
