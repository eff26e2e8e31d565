package io.onevault.jobs.alerts.rules;

import java.util.List;

/**
 * What one transaction in the vault changed in the rules in force; all or nothing.
 *
 * @param version place in the log of the vault; greater than that of every update before
 * @param rules new in force, or in force with another content
 * @param thresholds the same
 * @param retiredRules hash keys of the rules no longer in force
 * @param retiredThresholds hash keys of the thresholds no longer in force
 */
public record RuleUpdate(
        long version,
        List<AlertRule> rules,
        List<CapacityThreshold> thresholds,
        List<String> retiredRules,
        List<String> retiredThresholds) {}
