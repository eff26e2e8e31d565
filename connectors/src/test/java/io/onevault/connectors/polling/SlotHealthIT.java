package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.Fact;
import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A slot that nobody reads is told about well before the server gives it up, and when it does. */
class SlotHealthIT {

    private static final Poll SLOTS =
            PollCatalogue.load().polls().stream()
                    .filter(poll -> poll.name().equals("slots"))
                    .findFirst()
                    .orElseThrow();

    @ParameterizedTest
    @ValueSource(ints = {14, PostgresServer.LATEST_VERSION})
    void anAbandonedSlotIsWarnedOfBeforeItIsLost(int version) throws Exception {
        try (PostgresServer server =
                PostgresServer.builder(version)
                        .setting("max_slot_wal_keep_size", "64MB")
                        .setting("wal_keep_size", "0")
                        .setting("min_wal_size", "32MB")
                        .setting("max_wal_size", "32MB")
                        .start()) {
            server.execute(
                    "postgres",
                    "CREATE ROLE watcher LOGIN IN ROLE pg_monitor",
                    "CREATE TABLE filler (body text)",
                    "SELECT pg_create_logical_replication_slot('abandoned', 'pgoutput')");
            PostgresExecutor executor =
                    CatalogueIT.executor(
                            PollTarget.postgres(
                                            "t", server.jdbcUrl("postgres"), "watcher", Secret.NONE)
                                    .build());
            try {
                PollAnswer fresh = executor.execute(SLOTS);
                assertThat(value(fresh, "slot_wal_keep_used_pct"))
                        .hasValueSatisfying(v -> assertThat(v).isLessThan(70));
                assertThat(value(fresh, "slot_active")).contains(0.0);
                assertThat(value(fresh, "slots_inactive")).contains(1.0);
                assertThat(attributes(fresh))
                        .containsEntry("wal_status", "reserved")
                        .containsEntry("plugin", "pgoutput");

                PollAnswer used = fresh;
                MetricDefinition definition = SLOTS.metrics().get("slot_wal_keep_used_pct");
                while (value(used, "slot_wal_keep_used_pct").orElseThrow() < definition.warning()) {
                    write(server);
                    used = executor.execute(SLOTS);
                }
                assertThat(attributes(used).get("wal_status"))
                        .as("warned of while it can still be read")
                        .isIn("reserved", "extended");
                assertThat(value(used, "slot_lost")).contains(0.0);
                assertThat(value(used, "slot_safe_wal_bytes"))
                        .hasValueSatisfying(v -> assertThat(v).isPositive());
                assertThat(value(used, "slot_unconfirmed_bytes"))
                        .hasValueSatisfying(v -> assertThat(v).isGreaterThan(40e6));

                PollAnswer lost = used;
                for (int i = 0; i < 40 && value(lost, "slot_lost").orElseThrow() == 0; i++) {
                    write(server);
                    server.execute("postgres", "CHECKPOINT");
                    lost = executor.execute(SLOTS);
                }
                assertThat(value(lost, "slot_lost")).contains(1.0);
                assertThat(attributes(lost).get("wal_status")).isIn("unreserved", "lost");
            } finally {
                executor.disconnect();
            }
        }
    }

    /** Some megabytes of log. */
    private static void write(PostgresServer server) {
        server.execute(
                "postgres",
                "INSERT INTO filler SELECT repeat(md5(g::text), 30) FROM generate_series(1, 5000)"
                        + " g",
                "TRUNCATE filler");
    }

    private static Optional<Double> value(PollAnswer answer, String metric) {
        return answer.samples().stream()
                .filter(sample -> SeriesId.parse(sample.series()).metric().equals(metric))
                .map(Sample::value)
                .findFirst();
    }

    private static Map<String, String> attributes(PollAnswer answer) {
        return answer.facts().stream()
                .filter(fact -> fact.kind().equals("slot"))
                .findFirst()
                .map(Fact::attributes)
                .orElseThrow();
    }
}
