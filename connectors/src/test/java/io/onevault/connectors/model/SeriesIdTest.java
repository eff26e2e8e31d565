package io.onevault.connectors.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SeriesIdTest {

    @Test
    void textIsReadBackWhateverTheNamesHold() {
        SeriesId id =
                new SeriesId(
                        "prod|1",
                        "tenant=a",
                        "table_live_tuples",
                        Map.of("table", "a\\|b=\"c\"", "schema", "größe\n", "empty", ""));
        assertThat(SeriesId.parse(id.text())).isEqualTo(id);
    }

    @Test
    void labelOrderDoesNotMatter() {
        Map<String, String> labels = new java.util.LinkedHashMap<>();
        labels.put("z", "1");
        labels.put("a", "2");
        assertThat(new SeriesId("t", "", "m", labels).text()).isEqualTo("t||m|a=2|z=1");
    }

    @Test
    void differentIdsNeverShareAText() {
        assertThat(new SeriesId("a|b", "", "m", Map.of()).text())
                .isNotEqualTo(new SeriesId("a", "b", "m", Map.of()).text());
    }

    @Test
    void refusesWhatIsNotAnId() {
        assertThatThrownBy(() -> SeriesId.parse("only|two"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("only|two");
        assertThatThrownBy(() -> SeriesId.parse("t||m|label"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
