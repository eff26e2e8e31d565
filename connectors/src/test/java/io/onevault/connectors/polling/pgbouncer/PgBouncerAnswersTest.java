package io.onevault.connectors.polling.pgbouncer;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.polling.Reading;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PgBouncerAnswersTest {

    private static final Map<String, String> SHOP = Map.of("database", "shop");

    @Test
    void waitsCountSecondsAndMicroseconds() {
        List<Reading> readings =
                PgBouncerAnswers.read(
                        "pgbouncer_pools",
                        List.of(
                                Map.of(
                                        "database",
                                        "shop",
                                        "user",
                                        "u",
                                        "cl_waiting",
                                        "3",
                                        "maxwait",
                                        "2",
                                        "maxwait_us",
                                        "500000")));
        Map<String, String> labels = Map.of("database", "shop", "user", "u");
        assertThat(readings)
                .contains(
                        Reading.of("pgbouncer_clients_waiting", labels, 3),
                        Reading.of("pgbouncer_max_wait_seconds", labels, 2.5));
    }

    @Test
    void timesComeInMicrosecondsAndLeaveInMilliseconds() {
        assertThat(
                        PgBouncerAnswers.read(
                                "pgbouncer_stats",
                                List.of(
                                        Map.of(
                                                "database", "shop",
                                                "total_query_count", "4",
                                                "total_query_time", "8000"))))
                .contains(new Reading("pgbouncer_query_time_ms", SHOP, 8, 4));
    }

    @Test
    void itsOwnConsoleIsNoPoolAndUnknownPollsAreEmpty() {
        assertThat(
                        PgBouncerAnswers.read(
                                "pgbouncer_pools", List.of(Map.of("database", "pgbouncer"))))
                .isEmpty();
        assertThat(PgBouncerAnswers.read("target", List.of(Map.of("version", "1")))).isEmpty();
    }
}
