package io.onevault.jobs.metrics;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricDefinition.Judged;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.CapacityThreshold;
import io.onevault.jobs.alerts.rules.CapacityThreshold.Level;
import io.onevault.jobs.alerts.rules.RulesOfSeries;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges a window by the rules for its series.
 *
 * <p>Every threshold rule judges; the worst status stands, of equal ones that of the stricter rule,
 * then of the first by name. A level that a rule does not set has no threshold. Capacity thresholds
 * adjust the catalogue's, level by level. Only where no rule speaks does the catalogue decide
 * alone.
 */
final class WindowJudge {

    private static final List<String> SEVERITY =
            List.of(Thresholds.UNKNOWN, Thresholds.NORMAL, Thresholds.WARNING, Thresholds.CRITICAL);

    private static final Comparator<Verdict> BY_WEIGHT =
            Comparator.<Verdict>comparingInt(v -> -SEVERITY.indexOf(v.status))
                    .thenComparing(v -> v.direction)
                    .thenComparingDouble(Verdict::strictness)
                    .thenComparing(v -> v.rule);

    private WindowJudge() {}

    /**
     * The window with its status, thresholds and rule.
     *
     * @param definition of the metric; without one the mean is judged and no threshold is known
     * @param version up to which place in the log the rules are known
     */
    static MetricWindow judge(
            MetricWindow window,
            @Nullable MetricDefinition definition,
            RulesOfSeries rules,
            long version) {
        Verdict decisive = null;
        for (AlertRule rule : rules.rules()) {
            if (rule.condition() == Condition.THRESHOLD) {
                decisive =
                        worse(
                                decisive,
                                verdict(
                                        window,
                                        definition,
                                        rule.name(),
                                        rule.warning(),
                                        rule.critical(),
                                        rule.direction()));
            }
        }
        if (decisive == null || !rules.thresholds().isEmpty()) {
            decisive = worse(decisive, byCatalogue(window, definition, rules.thresholds()));
        }
        return window.judged(
                decisive.status, decisive.warning, decisive.critical, decisive.rule, version);
    }

    private static Verdict byCatalogue(
            MetricWindow window,
            @Nullable MetricDefinition definition,
            List<CapacityThreshold> thresholds) {
        CapacityThreshold warning = least(thresholds, Level.WARNING);
        CapacityThreshold critical = least(thresholds, Level.CRITICAL);
        double none = Double.NaN;
        Verdict verdict =
                verdict(
                        window,
                        definition,
                        "",
                        warning != null
                                ? warning.percentage()
                                : definition == null ? none : definition.warning(),
                        critical != null
                                ? critical.percentage()
                                : definition == null ? none : definition.critical(),
                        definition == null ? Direction.ABOVE : definition.direction());
        CapacityThreshold speaking =
                verdict.status.equals(Thresholds.CRITICAL) || warning == null ? critical : warning;
        return speaking == null ? verdict : verdict.by(speaking.name());
    }

    private static @Nullable CapacityThreshold least(
            List<CapacityThreshold> thresholds, Level level) {
        return thresholds.stream()
                .filter(threshold -> threshold.level() == level)
                .min(Comparator.comparingDouble(CapacityThreshold::percentage))
                .orElse(null);
    }

    private static Verdict worse(@Nullable Verdict one, Verdict other) {
        return one == null || BY_WEIGHT.compare(other, one) < 0 ? other : one;
    }

    private static Verdict verdict(
            MetricWindow window,
            @Nullable MetricDefinition definition,
            String rule,
            double warning,
            double critical,
            Direction direction) {
        double value = window.mean();
        if (definition != null && definition.judged() == Judged.WORST) {
            value = direction == Direction.ABOVE ? window.max() : window.min();
        }
        return new Verdict(
                Thresholds.status(value, warning, critical, direction),
                warning,
                critical,
                direction,
                rule);
    }

    private record Verdict(
            String status, double warning, double critical, Direction direction, String rule) {

        /** The smaller, the sooner it speaks; of the threshold that gave the status. */
        double strictness() {
            boolean byWarning = !status.equals(Thresholds.CRITICAL) && !Double.isNaN(warning);
            double threshold = byWarning ? warning : critical;
            return direction == Direction.ABOVE ? threshold : -threshold;
        }

        Verdict by(String name) {
            return new Verdict(status, warning, critical, direction, name);
        }
    }
}
