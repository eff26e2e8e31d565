package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;

/** What a rule makes of one value. */
enum Level {
    /** In order. */
    CLEAR,
    /** No longer beyond a threshold, and not yet where the rule's alert clears. */
    BETWEEN,
    WARNING,
    CRITICAL;

    boolean crossed() {
        return this == WARNING || this == CRITICAL;
    }

    Severity severity() {
        return this == CRITICAL ? Severity.CRITICAL : Severity.WARNING;
    }

    /** A threshold is crossed when it is reached, and so is the level where an alert clears. */
    static Level of(AlertRule rule, double value) {
        if (reached(rule.direction(), value, rule.critical())) {
            return CRITICAL;
        }
        if (reached(rule.direction(), value, rule.warning())) {
            return WARNING;
        }
        boolean between =
                rule.direction() == Direction.ABOVE ? value > rule.clear() : value < rule.clear();
        return between ? BETWEEN : CLEAR;
    }

    /** What it means that a series is absent: the worst, unless the rule has a warning alone. */
    static Level ofAbsence(AlertRule rule) {
        return !Double.isNaN(rule.warning()) && Double.isNaN(rule.critical()) ? WARNING : CRITICAL;
    }

    static double threshold(AlertRule rule, Severity severity) {
        if (rule.condition() == Condition.ABSENCE) {
            return Double.NaN;
        }
        boolean critical = severity == Severity.CRITICAL && !Double.isNaN(rule.critical());
        return critical ? rule.critical() : rule.warning();
    }

    private static boolean reached(Direction direction, double value, double threshold) {
        return direction == Direction.ABOVE ? value >= threshold : value <= threshold;
    }
}
