package io.onevault.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.demo.past.TenantPast;
import io.onevault.demo.past.Verdict;
import io.onevault.demo.past.Verdicts;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the demo says of forecasts, on the screen and in the summary. */
class ForecastLinesTest {

    private static final TenantPast FLAT = TenantPast.all(1).get(0);
    private static final TenantPast LINEAR = TenantPast.all(1).get(1);

    @Test
    void linesStandBelowTheirHeadingAndFitAScreen() {
        String never = ForecastLines.of(said(FLAT, null, null, null));
        String soon = ForecastLines.of(said(LINEAR, 122.0, 116.0, 128.0));
        String late = ForecastLines.of(said(LINEAR, 222.0, 216.0, null));

        assertThat(never).endsWith("never               never  right");
        assertThat(soon).contains("122 (116 to 128)").endsWith("123    right");
        assertThat(late).contains("222 (216 to never)").endsWith("123    wrong");
        int truth = ForecastLines.heading().lastIndexOf("truth");
        assertThat(List.of(never, soon, late))
                .allSatisfy(line -> assertThat(line).hasSizeLessThan(120))
                .allSatisfy(line -> assertThat(line.charAt(truth - 1)).isEqualTo(' '))
                .allSatisfy(line -> assertThat(line.charAt(truth)).isNotEqualTo(' '));
    }

    @Test
    void summaryCountsWhatIsRightAndNamesEach() {
        Map<String, @Nullable Object> json =
                Verdicts.json(
                        List.of(said(FLAT, 10.0, 5.0, 20.0), said(LINEAR, 122.0, 116.0, 128.0)));

        assertThat(json).containsEntry("judged", 2).containsEntry("right", 1L);
        assertThat(json.get("flat")).asString().contains("right=false", "=null");
        assertThat(json.get("linear"))
                .asString()
                .contains("right=true", "days_to_capacity=122.0", "true_days_to_capacity=123");
    }

    private static Verdict said(
            TenantPast past,
            @Nullable Double days,
            @Nullable Double earliest,
            @Nullable Double latest) {
        return new Verdict(
                past, 62e9, 61e9, 63e9, days != null, days, earliest, latest, "LINEAR", "LINEAR");
    }
}
