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
    @ValueSource(strings = {"{current_usage}", "{value.x}", "{tabels.x}", "two\nlines"})
    void whatNobodyCouldFillInIsRejectedWithTheRemedy(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(InvalidRuleException.class)
                .hasMessageStartingWith("words has ")
                .hasMessageMatching(".*(: use one of \\{about}, .*|: write one plain line)");
    }

    private static String read(String text) throws InvalidRuleException {
        return MessageTemplate.read(
                new RuleRow(text == null ? Map.of() : Map.of("words", text)), "words");
    }
}
