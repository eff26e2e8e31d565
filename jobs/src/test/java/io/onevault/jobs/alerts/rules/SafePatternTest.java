package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafePatternTest {

    /** Java's own engine needs longer than the universe's age for the first of these. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a+)+$",
                "(a|a)*$",
                "(a|aa)+$",
                "([a-z]+)*\\d",
                "(.*)*x",
                "(a*)*b",
                "((a*)*)*b",
                "(a?){30}a{30}"
            })
    void catastrophicExpressionsTakeLinearTime(String expression) throws Exception {
        SafePattern pattern = SafePattern.of("metric_pattern", expression);
        String hostile = "a".repeat(100_000) + "!";
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(5), () -> assertThat(pattern.matches(hostile)).isFalse());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a{100}){100}){100}",
                "(((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9})",
                "a{1000}{1000}",
                "(\\pL{40}[a-z]{40}){40}",
                "(x{1,900}){1,900}",
                "([^]]{999}){999}",
                "((((a{999}"
            })
    void whatWouldBecomeAHugeProgramIsRefusedBeforeItIsCompiled(String expression) {
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () ->
                        assertThatThrownBy(() -> SafePattern.of("metric_pattern", expression))
                                .isInstanceOf(InvalidRuleException.class)
                                .hasMessageStartingWith("metric_pattern "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}",
                "(disk|memory)_usage_pct",
                "\\p{L}{1,20}",
                "a{b",
                "a{,5}",
                "[{}]{3}",
                "\\x{10FFFF}",
                "(?i)TARGET_.*",
                "[]a]{2}"
            })
    void reasonableExpressionsAreTaken(String expression) throws Exception {
        assertThat(SafePattern.of("metric_pattern", expression)).isNotNull();
    }

    @Test
    void wholeNameMustMatch() throws Exception {
        SafePattern pattern = SafePattern.of("metric_pattern", "disk_.*|cpu");
        assertThat(pattern.matches("disk_usage_pct")).isTrue();
        assertThat(pattern.matches("cpu")).isTrue();
        assertThat(pattern.matches("cpu_usage_pct")).isFalse();
        assertThat(pattern.matches("a_disk_usage_pct")).isFalse();
        assertThat(SafePattern.of("p", "a.b").matches("a\nb")).isTrue();
    }

    @Test
    void refusalNamesTheColumnAndTheRemedy() {
        assertThatThrownBy(() -> SafePattern.of("target_pattern", "a".repeat(501)))
                .hasMessage(
                        "target_pattern has more than 500 characters: shorten it, or use several"
                                + " rules");
        assertThatThrownBy(() -> SafePattern.of("metric_pattern", "(?<=a)b"))
                .hasMessageContaining("look-around and back-references are not supported");
        assertThatThrownBy(() -> SafePattern.of("metric_pattern", "x".repeat(1_000_000)))
                .isInstanceOf(InvalidRuleException.class);
    }
}
