package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.jobs.alerts.rules.CapacityThreshold.Level;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapacityThresholdReaderTest {

    @Test
    void everyColumnOfTheTableIsRead() throws Exception {
        Map<String, String> row = Rows.threshold("full disk", "STORAGE", "CRITICAL", "92.5");
        row.put("resource_pattern", "prod-.*");
        row.put("days_to_capacity", "14");
        row.put("evaluation_frequency_minutes", "10");
        row.put("business_hours_only", "true");
        row.put("suppression_enabled", "true");
        row.put("suppression_duration_minutes", "45");
        row.put("escalation_enabled", "true");
        row.put("escalation_delay_minutes", "20");
        row.put("escalation_contacts", "{boss}");
        row.put("notification_channels", "{mail,pager}");
        row.put("alert_message_template", "t");
        assertThat(CapacityThresholdReader.read("aa", "bb", 3, row))
                .isEqualTo(
                        new CapacityThreshold(
                                "aa",
                                "bb",
                                3,
                                "full disk",
                                "STORAGE",
                                "prod-.*",
                                Level.CRITICAL,
                                92.5,
                                14,
                                10,
                                true,
                                45,
                                20,
                                List.of("boss"),
                                List.of("mail", "pager"),
                                "t"));
        row.put("suppression_enabled", "false");
        row.put("escalation_enabled", "false");
        CapacityThreshold quiet = CapacityThresholdReader.read("aa", "bb", 3, row);
        assertThat(quiet.suppressionMinutes()).isZero();
        assertThat(quiet.escalationMinutes()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            textBlock =
                    """
                    resource_type | DISK | resource_type is DISK: use one of CONNECTIONS, CPU, IO,
                    threshold_type | FATAL | threshold_type is FATAL: use WARNING or CRITICAL
                    threshold_percentage | 0 | threshold_percentage is 0.0: use a number above 0 and at most 100
                    threshold_percentage | 101 | threshold_percentage is 101.0
                    threshold_percentage | NaN | threshold_percentage is NaN: use a finite number
                    threshold_percentage | null | neither threshold_percentage nor days_to_capacity is set: set at least one
                    days_to_capacity | 0 | days_to_capacity is 0: use a whole number from 1 to 3650
                    evaluation_frequency_minutes | 0 | evaluation_frequency_minutes is 0
                    suppression_duration_minutes | 10081 | suppression_duration_minutes is 10081
                    escalation_enabled | true | escalation_enabled needs escalation_delay_minutes
                    resource_pattern | ( | resource_pattern is not a regular expression
                    """)
    void invalidColumnIsNamedWithTheRemedy(String column, String value, String reason) {
        Map<String, String> row = Rows.threshold("full disk", "STORAGE", "WARNING", "80");
        row.put(column, value);
        row.values().removeIf(text -> text == null);
        assertThatThrownBy(() -> CapacityThresholdReader.read("", "", 0, row))
                .isInstanceOf(InvalidRuleException.class)
                .hasMessageContaining(reason);
    }
}
