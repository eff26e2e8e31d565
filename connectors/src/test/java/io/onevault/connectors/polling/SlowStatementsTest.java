package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.polling.SlowStatements.Usage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlowStatementsTest {

    private final SlowStatements statements = new SlowStatements();

    @Test
    void saysNothingOnTheFirstLook() {
        assertThat(statements.look(Map.of("a", new Usage(1, 9_000)))).isEmpty();
    }

    @Test
    void countsWhatWasSlowSinceTheLastLookOnly() {
        statements.look(
                Map.of(
                        "was slow", new Usage(10, 90_000),
                        "becomes slow", new Usage(1_000, 1_000),
                        "idle", new Usage(5, 50_000)));
        List<Reading> readings =
                statements.look(
                        Map.of(
                                "was slow", new Usage(20, 90_100),
                                "becomes slow", new Usage(1_002, 4_000),
                                "idle", new Usage(5, 50_000),
                                "new and critical", new Usage(1, 6_000)));
        assertThat(readings)
                .containsExactly(
                        Reading.of("slow_queries", Map.of(), 2),
                        Reading.of("critical_queries", Map.of(), 1));
    }

    @Test
    void aResetCountsFromZero() {
        statements.look(Map.of("a", new Usage(100, 100_000)));
        assertThat(statements.look(Map.of("a", new Usage(2, 4_000))))
                .contains(Reading.of("slow_queries", Map.of(), 1));
    }
}
