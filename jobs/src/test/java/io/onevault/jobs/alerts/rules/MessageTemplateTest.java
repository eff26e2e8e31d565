package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTemplateTest {

    @Test
    void namesAreReplacedOnceAndWhatIsPutInIsText() {
        assertThat(
                        MessageTemplate.fill(
                                "{value}/{label.queue}/{label.none} {\"json\": {}} {Value}",
                                Map.of("value", "{target}$1\\"),
                                Map.of("queue", "{value}")))
                .isEqualTo("{target}$1\\/{value}/ {\"json\": {}} {Value}");
    }

    @Test
    void everyNameAndTextWithoutNamesIsValid() throws Exception {
        for (String name : MessageTemplate.NAMES) {
            assertThat(read("it is {" + name + "}")).isEqualTo("it is {" + name + "}");
        }
        assertThat(read(null)).isEmpty();
        assertThat(read("{label.a b} {} {1} 100 %")).isEqualTo("{label.a b} {} {1} 100 %");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{current_usage}", "{value.x}", "{tabels.x}"})
    void whatNobodyCouldFillInIsRejectedWithTheRemedy(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(InvalidRuleException.class)
                .hasMessageStartingWith("words has ")
                .hasMessageMatching(".*: use one of \\{about}, .*");
    }

    @Test
    void thresholdsMayHaveNamesThatOthersFillIn() throws Exception {
        String text = "usage {current_usage} %, {value} days\nleft";
        assertThat(MessageTemplate.read(new RuleRow(Map.of("words", text)), "words"))
                .isEqualTo(text);
        assertThat(MessageTemplate.fill(text, Map.of("value", "3"), Map.of()))
                .isEqualTo("usage {current_usage} %, 3 days\nleft");
        assertThatThrownBy(
                        () ->
                                MessageTemplate.read(
                                        new RuleRow(Map.of("words", "x".repeat(2_001))), "words"))
                .hasMessageContaining("more than 2000 characters");
    }

    private static String read(String text) throws InvalidRuleException {
        return MessageTemplate.readKnown(
                new RuleRow(text == null ? Map.of() : Map.of("words", text)), "words");
    }
}
