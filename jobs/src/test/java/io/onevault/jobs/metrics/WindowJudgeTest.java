package io.onevault.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricDefinition.Judged;
import io.onevault.connectors.model.MetricKind;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.CapacityThreshold;
import io.onevault.jobs.alerts.rules.CapacityThreshold.Level;
import io.onevault.jobs.alerts.rules.RulesOfSeries;
import io.onevault.jobs.testing.TestRule;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowJudgeTest {

    private static final double NONE = Double.NaN;
    private static final MetricDefinition CATALOGUE = definition(80, 95, Judged.MEAN);

    @Test
    void catalogueJudgesWhereNoRuleSpeaks() {
        assertThat(said(judge(90))).isEqualTo("WARNING  80.0 95.0");
        AlertRule absence = rule("absence", Condition.ABSENCE, 1, 2, Direction.ABOVE);
        assertThat(said(judge(90, absence))).isEqualTo("WARNING  80.0 95.0");
        MetricWindow unknown = WindowJudge.judge(window(90), null, rules(), 3);
        assertThat(said(unknown)).isEqualTo("NORMAL  NaN NaN");
        assertThat(unknown.ruleVersion()).isEqualTo(3);
    }

    @Test
    void ruleReplacesTheCatalogueAndHasNoThresholdItDoesNotSet() {
        assertThat(said(judge(99, rule("a", 98.5, NONE)))).isEqualTo("WARNING a 98.5 NaN");
        assertThat(said(judge(90, rule("a", NONE, 99)))).isEqualTo("NORMAL a NaN 99.0");
    }

    @Test
    void worstStatusStandsThenTheStricterRuleThenTheName() {
        AlertRule loose = rule("loose", 50, 99);
        AlertRule strict = rule("strict", 60, 70);
        assertThat(said(judge(90, loose, strict))).isEqualTo("CRITICAL strict 60.0 70.0");
        assertThat(said(judge(65, loose, strict)))
                .as("both warn")
                .isEqualTo("WARNING loose 50.0 99.0");
        assertThat(said(judge(10, loose, strict))).isEqualTo("NORMAL loose 50.0 99.0");
        assertThat(said(judge(10, rule("b", 50, NONE), rule("a", 50, 60))))
                .isEqualTo("NORMAL a 50.0 60.0");
    }

    @Test
    void orderOfTheRulesDoesNotMatter() {
        AlertRule above = rule("x", Condition.THRESHOLD, 50, NONE, Direction.ABOVE);
        AlertRule below = rule("w", Condition.THRESHOLD, 70, NONE, Direction.BELOW);
        assertThat(judge(60, above, below)).isEqualTo(judge(60, below, above));
    }

    @Test
    void lowValuesAreBadBelow() {
        AlertRule stock = rule("stock", Condition.THRESHOLD, 20, 10, Direction.BELOW);
        assertThat(said(judge(15, stock))).isEqualTo("WARNING stock 20.0 10.0");
        assertThat(said(judge(10, stock))).isEqualTo("CRITICAL stock 20.0 10.0");
        assertThat(said(judge(21, stock))).isEqualTo("NORMAL stock 20.0 10.0");
    }

    @Test
    void definitionSaysWhichValueIsJudged() {
        MetricDefinition worst = definition(80, 95, Judged.WORST);
        MetricWindow window = Windows.of("m", "", Windows.T0, 60, 5, 50, 90);
        RulesOfSeries above = rules(rule("a", 85, NONE));
        RulesOfSeries below = rules(rule("b", Condition.THRESHOLD, 6, NONE, Direction.BELOW));
        assertThat(WindowJudge.judge(window, worst, above, 1).status()).isEqualTo("WARNING");
        assertThat(WindowJudge.judge(window, worst, below, 1).status()).isEqualTo("WARNING");
        assertThat(WindowJudge.judge(window, CATALOGUE, above, 1).status()).isEqualTo("NORMAL");
    }

    @Test
    void missingDataStaysUnknown() {
        assertThat(said(judge(NONE, rule("a", 1, 2)))).isEqualTo("UNKNOWN a 1.0 2.0");
        assertThat(said(judge(NONE))).isEqualTo("UNKNOWN  80.0 95.0");
    }

    @Test
    void capacityThresholdsAdjustTheCatalogueLevelByLevel() {
        CapacityThreshold early = threshold("early", Level.WARNING, 60);
        CapacityThreshold earlier = threshold("earlier", Level.WARNING, 55);
        CapacityThreshold late = threshold("late", Level.CRITICAL, 70);
        assertThat(said(judge(56, List.of(early, earlier)))).isEqualTo("WARNING earlier 55.0 95.0");
        assertThat(said(judge(75, List.of(early, late)))).isEqualTo("CRITICAL late 60.0 70.0");
        assertThat(said(judge(65, List.of(early, late)))).isEqualTo("WARNING early 60.0 70.0");
        assertThat(said(judge(65, List.of(late)))).isEqualTo("NORMAL late 80.0 70.0");
        assertThat(said(judge(75, List.of(early), rule("rule", 1, 74))))
                .isEqualTo("CRITICAL rule 1.0 74.0");
        assertThat(said(judge(99, List.of(early), rule("rule", 98, NONE))))
                .as("the catalogue's critical level, adjusted by nobody")
                .isEqualTo("CRITICAL  60.0 95.0");
    }

    private static String said(MetricWindow window) {
        return "%s %s %s %s"
                .formatted(window.status(), window.ruleName(), window.warning(), window.critical());
    }

    private static MetricWindow judge(double value, AlertRule... rules) {
        return judge(value, List.of(), rules);
    }

    private static MetricWindow judge(
            double value, List<CapacityThreshold> thresholds, AlertRule... rules) {
        return WindowJudge.judge(
                window(value), CATALOGUE, new RulesOfSeries(Arrays.asList(rules), thresholds), 1);
    }

    private static RulesOfSeries rules(AlertRule... rules) {
        return new RulesOfSeries(Arrays.asList(rules), List.of());
    }

    private static MetricWindow window(double value) {
        return Windows.minute("m", "", 0, value);
    }

    private static AlertRule rule(String name, double warning, double critical) {
        return rule(name, Condition.THRESHOLD, warning, critical, Direction.ABOVE);
    }

    static AlertRule rule(
            String name,
            Condition condition,
            double warning,
            double critical,
            Direction direction) {
        return TestRule.named(name)
                .key("key-" + name)
                .metric("m")
                .condition(condition)
                .direction(direction)
                .thresholds(warning, critical)
                .suppressionMinutes(5)
                .build();
    }

    private static CapacityThreshold threshold(String name, Level level, double percentage) {
        return new CapacityThreshold(
                "key-" + name,
                "",
                1,
                name,
                "STORAGE",
                "",
                level,
                percentage,
                0,
                5,
                false,
                60,
                0,
                List.of(),
                List.of(),
                "");
    }

    private static MetricDefinition definition(double warning, double critical, Judged judged) {
        return new MetricDefinition(
                "m",
                MetricKind.GAUGE,
                "%",
                "CAPACITY",
                warning,
                critical,
                Direction.ABOVE,
                judged,
                "");
    }
}
