package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.AlertRule.EscalationStep;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlertRuleReaderTest {

    @Test
    void everyColumnOfTheTableIsRead() throws Exception {
        Map<String, String> row = Rows.rule("slow writes", "write_.*", "10.5");
        row.put("critical_threshold", "1.0E3");
        row.put("clear_threshold", "-5");
        row.put("condition_type", "RATE_OF_CHANGE");
        row.put("condition_parameters", "{\"window_seconds\": 600}");
        row.put("for_seconds", "120");
        row.put("target_pattern", "prod-.*");
        row.put("label_matchers", "{\"database\": \"app_.*\", \"user\": \"\"}");
        row.put("business_hours_only", "true");
        row.put("suppression_window_minutes", "30");
        row.put("group_by", "{target,\"a \\\"b\\\", c\"}");
        row.put("inhibited_by", "{\"target down\"}");
        row.put("notification_channels", "{}");
        row.put(
                "escalation_rules",
                "[{\"after_minutes\": 15, \"channels\": [\"boss\"]},"
                        + " {\"after_minutes\": 60, \"channels\": [\"boss\", \"his boss\"]}]");
        row.put("alert_description", "größe");
        row.put("message_template", "{value} {unit}");
        row.put("runbook", "Look at the disk.");
        row.put("explains_pattern", "pool.*");
        assertThat(AlertRuleReader.read("aa", "bb", 7, row))
                .isEqualTo(
                        new AlertRule(
                                "aa",
                                "bb",
                                7,
                                "slow writes",
                                "write_.*",
                                "prod-.*",
                                Map.of("database", "app_.*", "user", ""),
                                Condition.RATE_OF_CHANGE,
                                Map.of("window_seconds", "600"),
                                Direction.ABOVE,
                                10.5,
                                1000,
                                -5,
                                120,
                                true,
                                30,
                                List.of("target", "a \"b\", c"),
                                List.of("target down"),
                                List.of(),
                                List.of(
                                        new EscalationStep(15, List.of("boss")),
                                        new EscalationStep(60, List.of("boss", "his boss"))),
                                "größe",
                                "{value} {unit}",
                                "Look at the disk.",
                                "pool.*"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            quoteCharacter = '`',
            textBlock =
                    """
                    alert_name | ` ` | alert_name is empty: give a name
                    metric_pattern | `` | metric_pattern is empty: name the metric, or use .* for all
                    metric_pattern | a(b | metric_pattern is not a regular expression
                    target_pattern | [ | target_pattern is not a regular expression
                    warning_threshold | NaN | warning_threshold is NaN: use a finite number, or null for none
                    warning_threshold | Infinity | warning_threshold is Infinity: use a finite number
                    warning_threshold | -Infinity | warning_threshold is -Infinity: use a finite number
                    warning_threshold | null | THRESHOLD needs warning_threshold or critical_threshold: set at least one
                    critical_threshold | 5 | warning_threshold 10.0 is not reached before critical_threshold 5.0: with direction ABOVE it must be smaller
                    critical_threshold | 10 | with direction ABOVE it must be smaller
                    clear_threshold | 11 | clear_threshold 11.0 lies beyond the threshold 10.0: with direction ABOVE it must not be greater
                    condition_type | null | condition_type is : use THRESHOLD or RATE_OF_CHANGE or ABSENCE or FORECAST or ANOMALY
                    condition_type | threshold | condition_type is threshold: use THRESHOLD or
                    condition_type | ABSENCE | ABSENCE needs condition_parameters with absent_seconds: write {"absent_seconds": number}
                    condition_type | FORECAST | FORECAST needs condition_parameters with horizon_days
                    condition_type | ANOMALY | ANOMALY needs condition_parameters with baseline_days
                    condition_type | RATE_OF_CHANGE | RATE_OF_CHANGE needs condition_parameters with window_seconds
                    condition_parameters | {"x": 1} | condition_parameters has x, which THRESHOLD does not know: remove it
                    condition_parameters | [1] | condition_parameters is not a JSON object
                    condition_parameters | {"x": {}} | condition_parameters holds for x neither text nor number
                    direction | SIDEWAYS | direction is SIDEWAYS: use ABOVE or BELOW
                    direction | BELOW | null
                    for_seconds | -1 | for_seconds is -1: use a whole number from 0 to 604800
                    for_seconds | 604801 | for_seconds is 604801: use a whole number from 0 to 604800
                    suppression_window_minutes | -1 | suppression_window_minutes is -1: use a whole number from 0 to 10080
                    label_matchers | "x" | label_matchers is not a JSON object
                    label_matchers | {"user": "a(b"} | label_matchers.user is not a regular expression
                    label_matchers | {"user": null} | label_matchers holds for user neither text nor number
                    label_matchers | {"user": | label_matchers is not JSON: correct it
                    group_by | {{a},{b}} | group_by is not a plain list
                    group_by | {a,NULL} | group_by is not a plain list
                    inhibited_by | {""} | inhibited_by is empty: give a name
                    escalation_rules | {} | escalation_rules is not as it must be: write [{"after_minutes": 15, "channels": ["name"]}]
                    escalation_rules | [{"after_minutes": 5, "channels": []}] | escalation_rules is not as it must be
                    escalation_rules | [{"after_minutes": "5", "channels": ["a"]}] | escalation_rules is not as it must be
                    escalation_rules | [{"after_minutes": 5, "channels": ["a"], "x": 1}] | escalation_rules is not as it must be
                    escalation_rules | [{"after_minutes": 5, "channels": ["a"]}, {"after_minutes": 5, "channels": ["a"]}] | each later than the one before
                    escalation_rules | null | null
                    """)
    void invalidColumnIsNamedWithTheRemedy(String column, String value, String reason)
            throws Exception {
        Map<String, String> row = Rows.rule("a rule", "cpu", "10");
        if (value == null) {
            row.remove(column);
        } else {
            row.put(column, value);
        }
        if (reason == null) {
            assertThat(AlertRuleReader.read("", "", 0, row).name()).isEqualTo("a rule");
        } else {
            assertThatThrownBy(() -> AlertRuleReader.read("", "", 0, row))
                    .isInstanceOf(InvalidRuleException.class)
                    .hasMessageContaining(reason);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            quoteCharacter = '`',
            textBlock =
                    """
                    {"baseline_days": 14} | ABOVE | 6 | 12 | null
                    {"baseline_days": 28, "sides": "both"} | ABOVE | 6 | null | null
                    {"baseline_days": 28, "sides": "one"} | BELOW | -6 | -12 | null
                    {"baseline_days": 13} | ABOVE | 6 | 12 | condition_parameters.baseline_days is 13: use a whole number from 14 to 28
                    {"baseline_days": 29} | ABOVE | 6 | 12 | condition_parameters.baseline_days is 29: use a whole number from 14 to 28
                    {"baseline_days": 28, "side": "both"} | ABOVE | 6 | 12 | condition_parameters has side, which ANOMALY does not know: use baseline_days
                    {"baseline_days": 28, "sides": "all"} | ABOVE | 6 | 12 | condition_parameters.sides is all: use one or both
                    {"baseline_days": 28, "sides": "both"} | BELOW | -6 | -12 | condition_parameters.sides is both, which is judged by its size: use direction ABOVE
                    {"baseline_days": 28} | BELOW | 6 | null | ANOMALY with direction BELOW needs thresholds below 0
                    {"baseline_days": 28} | ABOVE | 0 | 12 | ANOMALY with direction ABOVE needs thresholds above 0
                    {"baseline_days": 28} | ABOVE | null | null | ANOMALY needs warning_threshold or critical_threshold
                    """)
    void anomaliesAreDeviationsFromWhatIsUsual(
            String parameters, String direction, String warning, String critical, String reason)
            throws Exception {
        Map<String, String> row = Rows.rule("odd", "cpu", "10");
        row.put("condition_type", "ANOMALY");
        row.put("condition_parameters", parameters);
        row.put("direction", direction);
        row.remove("warning_threshold");
        if (warning != null) {
            row.put("warning_threshold", warning);
        }
        if (critical != null) {
            row.put("critical_threshold", critical);
        }
        if (reason == null) {
            assertThat(AlertRuleReader.read("", "", 0, row).condition())
                    .isEqualTo(AlertRule.Condition.ANOMALY);
        } else {
            assertThatThrownBy(() -> AlertRuleReader.read("", "", 0, row))
                    .isInstanceOf(InvalidRuleException.class)
                    .hasMessageContaining(reason);
        }
    }

    @Test
    void lowIsBadTurnsTheOrderAround() throws Exception {
        Map<String, String> row = Rows.rule("hit ratio", "cache_hit_ratio_pct", "95");
        row.put("direction", "BELOW");
        row.put("critical_threshold", "90");
        row.put("clear_threshold", "97");
        assertThat(AlertRuleReader.read("", "", 0, row).critical()).isEqualTo(90);
        row.put("clear_threshold", "94");
        assertThatThrownBy(() -> AlertRuleReader.read("", "", 0, row))
                .hasMessageContaining("with direction BELOW it must not be smaller");
        row.remove("clear_threshold");
        row.put("critical_threshold", "96");
        assertThatThrownBy(() -> AlertRuleReader.read("", "", 0, row))
                .hasMessageContaining("with direction BELOW it must be greater");
    }

    @Test
    void absenceNeedsNoThreshold() throws Exception {
        Map<String, String> row = Rows.rule("gone", "target_up", null);
        row.put("condition_type", "ABSENCE");
        row.put("condition_parameters", "{\"absent_seconds\": \"90\"}");
        assertThat(AlertRuleReader.read("", "", 0, row).parameters())
                .isEqualTo(Map.of("absent_seconds", "90"));
        row.put("condition_parameters", "{\"absent_seconds\": 0}");
        assertThatThrownBy(() -> AlertRuleReader.read("", "", 0, row))
                .hasMessage(
                        "condition_parameters.absent_seconds is 0: use a whole number from 1 to"
                                + " 604800");
    }

    @Test
    void hostileTextIsRejectedInShortAndPlainWords() {
        for (String column :
                List.of(
                        "alert_name",
                        "metric_pattern",
                        "label_matchers",
                        "group_by",
                        "message_template",
                        "warning_threshold",
                        "condition_type")) {
            for (String text :
                    Arrays.asList(
                            "(".repeat(1_000_000),
                            "{\"\u0001\u0000\": \"(a{1000}){1000}\"}",
                            "'; DROP TABLE x; --\n\r\u0000\u202e",
                            "[".repeat(19_000),
                            RuleVersion.UNKNOWN)) {
                Map<String, String> row = Rows.rule("a rule", "cpu", "10");
                row.put(column, text);
                try {
                    AlertRuleReader.read("", "", 0, row);
                    // A template is text of any kind, and odd text can be an expression.
                    assertThat(column).isIn("message_template", "metric_pattern");
                } catch (InvalidRuleException e) {
                    assertThat(e.getMessage()).hasSizeLessThan(400).doesNotContain("\n", "\u0000");
                }
            }
        }
    }

    @Test
    void namesOfAnArrayAreReadAsTheServerWritesThem() {
        assertThat(ArrayLiteral.parse("{}")).isEmpty();
        assertThat(ArrayLiteral.parse("{a,\"b,c\",\"\\\\\\\"\",null,\"null\",\"\"}"))
                .containsExactly("a", "b,c", "\\\"", null, "null", "");
        for (String none : List.of("", "a", "{", "{a", "a}", "{{a}}", "{\"a}", "[0:0]={a}")) {
            assertThat(ArrayLiteral.parse(none)).as(none).isNull();
        }
    }
}
