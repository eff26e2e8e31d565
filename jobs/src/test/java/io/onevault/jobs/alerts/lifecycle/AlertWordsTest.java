package io.onevault.jobs.alerts.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.testing.TestRule;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlertWordsTest {

    private static final AlertRule RULE = TestRule.named("used").thresholds(80, Double.NaN).build();

    @Test
    void whatNamesHoldIsTextOfOneLine() {
        SeriesId series =
                new SeriesId(
                        "shop",
                        "",
                        "used_pct",
                        Map.of("table", "a\r\nBcc: all@example.com\u001b[31m<b>${x}</b>"));
        assertThat(message(RULE, series))
                .isEqualTo(
                        "used_pct (table=a Bcc: all@example.com [31m<b>${x}</b>) on shop is 85 %,"
                                + " warning from 80 %: two lines");
        assertThat(message(TestRule.like(RULE).template("{label.table}|{about}").build(), series))
                .isEqualTo("a Bcc: all@example.com [31m<b>${x}</b>|two lines");
    }

    private static String message(AlertRule rule, SeriesId series) {
        return AlertWords.message(rule, series, "%", Severity.WARNING, 85, "two\nlines");
    }
}
