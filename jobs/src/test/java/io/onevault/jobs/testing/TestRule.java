package io.onevault.jobs.testing;

import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import java.util.List;
import java.util.Map;

/**
 * Makes rules of which a test says only what matters to it. Others are about every metric, have no
 * threshold, hold at once and are told each time.
 */
public final class TestRule {

    private String key = "ab".repeat(32);
    private long version = 1;
    private final String name;
    private String metric = ".*";
    private Condition condition = Condition.THRESHOLD;
    private Map<String, String> parameters = Map.of();
    private Direction direction = Direction.ABOVE;
    private double warning = Double.NaN;
    private double critical = Double.NaN;
    private double clear = Double.NaN;
    private int forSeconds;
    private boolean businessHoursOnly;
    private int suppressionMinutes;
    private List<String> inhibitedBy = List.of();
    private String template = "";
    private String explains = "";

    private TestRule(String name) {
        this.name = name;
    }

    public static TestRule named(String name) {
        return new TestRule(name);
    }

    /** Begins with what {@code rule} says, of what can be said here. */
    public static TestRule like(AlertRule rule) {
        TestRule copy =
                named(rule.name())
                        .key(rule.key())
                        .version(rule.version())
                        .metric(rule.metricPattern())
                        .condition(rule.condition())
                        .parameters(rule.parameters())
                        .direction(rule.direction())
                        .thresholds(rule.warning(), rule.critical())
                        .clear(rule.clear())
                        .forSeconds(rule.forSeconds())
                        .businessHoursOnly(rule.businessHoursOnly())
                        .suppressionMinutes(rule.suppressionMinutes())
                        .explains(rule.explains());
        copy.inhibitedBy = rule.inhibitedBy();
        copy.template = rule.messageTemplate();
        return copy;
    }

    public TestRule key(String value) {
        this.key = value;
        return this;
    }

    public TestRule version(long value) {
        this.version = value;
        return this;
    }

    public TestRule metric(String pattern) {
        this.metric = pattern;
        return this;
    }

    public TestRule condition(Condition value) {
        this.condition = value;
        return this;
    }

    public TestRule parameters(Map<String, String> values) {
        this.parameters = values;
        return this;
    }

    public TestRule direction(Direction value) {
        this.direction = value;
        return this;
    }

    /** NaN for none. */
    public TestRule thresholds(double ofWarning, double ofCritical) {
        this.warning = ofWarning;
        this.critical = ofCritical;
        return this;
    }

    public TestRule clear(double value) {
        this.clear = value;
        return this;
    }

    public TestRule forSeconds(int value) {
        this.forSeconds = value;
        return this;
    }

    public TestRule businessHoursOnly(boolean value) {
        this.businessHoursOnly = value;
        return this;
    }

    public TestRule suppressionMinutes(int value) {
        this.suppressionMinutes = value;
        return this;
    }

    public TestRule inhibitedBy(String rule) {
        this.inhibitedBy = List.of(rule);
        return this;
    }

    public TestRule template(String text) {
        this.template = text;
        return this;
    }

    public TestRule explains(String pattern) {
        this.explains = pattern;
        return this;
    }

    public AlertRule build() {
        return new AlertRule(
                key,
                "",
                version,
                name,
                metric,
                "",
                Map.of(),
                condition,
                parameters,
                direction,
                warning,
                critical,
                clear,
                forSeconds,
                businessHoursOnly,
                suppressionMinutes,
                List.of(),
                inhibitedBy,
                List.of(),
                List.of(),
                "",
                template,
                "",
                explains);
    }
}
