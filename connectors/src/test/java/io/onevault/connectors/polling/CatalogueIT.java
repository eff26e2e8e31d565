package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.model.MetricKind;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.target.Until;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Every poll on every version, with a login that has {@code pg_monitor} only. */
class CatalogueIT {

    static final List<Integer> VERSIONS = PostgresServer.SUPPORTED_VERSIONS;

    private static final PollCatalogue CATALOGUE = PollCatalogue.load();

    /** What needs a standby, a failing archive or an operation of hours to be seen. */
    private static final Set<String> NEEDS_MORE =
            Set.of(
                    "replication_write_lag_seconds",
                    "replication_flush_lag_seconds",
                    "replication_replay_lag_seconds",
                    "replication_sent_lag_bytes",
                    "replication_write_lag_bytes",
                    "replication_flush_lag_bytes",
                    "replication_replay_lag_bytes",
                    "standby_receiving",
                    "standby_replay_lag_seconds",
                    "standby_replay_lag_bytes",
                    "wal_last_archived_age_seconds",
                    "slot_unconfirmed_bytes",
                    "slot_safe_wal_bytes",
                    "slot_wal_keep_used_pct",
                    "operation_progress_pct",
                    "operation_age_seconds",
                    // Measured by the source, not by SQL.
                    "target_up",
                    "target_latency_ms",
                    "clock_skew_ms",
                    "server_restarted",
                    "poll_duration_ms");

    private static final Set<String> UNTIL_16 = Set.of("backend_buffers", "backend_fsyncs");
    private static final Set<String> SINCE_17 = Set.of("slot_inactive_seconds");

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void everyDeclaredMetricComesWithASaneValue(int version) throws Exception {
        PostgresServer server = Servers.version(version);
        List<Sample> samples = new ArrayList<>();
        Set<String> facts = new TreeSet<>();
        Set<String> declared = new TreeSet<>();
        PostgresExecutor executor = executor(Servers.target("t", server).build());
        try (Connection app = server.connect(Servers.DATABASE, "acme_app", "");
                Connection other = server.connect(Servers.DATABASE, "acme_app", "");
                Statement statement = app.createStatement();
                Statement waiting = other.createStatement()) {
            statement.execute("BEGIN");
            statement.execute("SELECT count(*) FROM generate_series(1, 1000)");
            CompletableFuture<Void> sleeper = inBackground(waiting, "SELECT pg_sleep(60)");
            Until.sql(
                    server,
                    "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
            for (Poll poll : CATALOGUE.polls()) {
                if (poll.source() != PollTarget.Kind.POSTGRES || poll.variant(version).isEmpty()) {
                    continue;
                }
                executor.execute(poll);
                PollAnswer answer = executor.execute(poll);
                samples.addAll(answer.samples());
                answer.facts().forEach(fact -> facts.add(fact.kind()));
                declared.addAll(poll.metrics().keySet());
                assertThat(answer.measuredAt())
                        .isCloseTo(System.currentTimeMillis(), Offset.offset(60_000L));
            }
            waiting.cancel();
            assertThatThrownBy(sleeper::join).hasMessageContaining("canceling statement");
        } finally {
            executor.disconnect();
        }
        declared.removeAll(NEEDS_MORE);
        declared.removeAll(version >= 17 ? UNTIL_16 : SINCE_17);
        if (version < 18) {
            // Clusters had no checksums by default.
            declared.remove("checksum_failures");
        }
        assertThat(names(samples)).containsAll(declared);
        assertThat(facts).contains("index", "privilege", "setting", "statement");
        for (Sample sample : samples) {
            SeriesId series = SeriesId.parse(sample.series());
            MetricKind kind = CATALOGUE.definitions().get(series.metric()).kind();
            assertThat(sample.value()).as(sample.series()).isFinite().isGreaterThanOrEqualTo(0);
            if (kind == MetricKind.GAUGE) {
                assertThat(sample.counterEpoch()).isZero();
            }
            if (kind == MetricKind.RATIO) {
                assertThat(sample.per()).as(sample.series()).isGreaterThanOrEqualTo(0);
            }
            if (series.metric().endsWith("_pct") && kind == MetricKind.GAUGE) {
                assertThat(sample.value()).as(sample.series()).isLessThanOrEqualTo(100);
            }
        }
        assertThat(values(samples, "table_live_tuples")).contains(16_000.0);
        assertThat(values(samples, "indexes_duplicate")).containsExactly(1.0);
        assertThat(values(samples, "tenant_tables")).containsExactly(1.0);
        assertThat(values(samples, "idle_in_transaction")).containsExactly(1.0);
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void aTableLockedExclusivelyNeitherHangsNorHidesTheOthers(int version) throws Exception {
        PostgresServer server = Servers.version(version);
        server.execute(
                Servers.DATABASE,
                "CREATE TABLE locked_one AS SELECT 1 AS a",
                "CREATE INDEX locked_index ON locked_one ((a + 1))",
                "ANALYZE locked_one");
        PostgresExecutor executor = executor(Servers.target("t", server).build());
        try (Connection holder = server.connect(Servers.DATABASE);
                Connection user = server.connect(Servers.DATABASE);
                Statement statement = holder.createStatement();
                Statement query = user.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE locked_one IN ACCESS EXCLUSIVE MODE");
            CompletableFuture<Void> waiter = inBackground(query, "SELECT * FROM locked_one");
            Until.sql(server, "SELECT count(*) = 1 FROM pg_locks WHERE NOT granted");
            Map<String, PollAnswer> answers = new HashMap<>();
            long started = System.nanoTime();
            for (Poll poll : CATALOGUE.polls()) {
                if (poll.source() == PollTarget.Kind.POSTGRES
                        && poll.variant(version).isPresent()) {
                    answers.put(poll.name(), executor.execute(poll));
                }
            }
            assertThat(Duration.ofNanos(System.nanoTime() - started))
                    .isLessThan(Duration.ofSeconds(10));
            assertThat(answers.get("tables").samples())
                    .extracting(Sample::series)
                    .anyMatch(series -> series.contains("table=orders"))
                    .anyMatch(series -> series.contains("table=locked_one"));
            assertThat(answers.get("index_definitions").facts())
                    .anySatisfy(
                            fact -> {
                                assertThat(fact.attributes()).containsEntry("name", "locked_index");
                                assertThat(fact.attributes()).doesNotContainKey("definition");
                            })
                    .anySatisfy(
                            fact ->
                                    assertThat(fact.attributes())
                                            .containsEntry(
                                                    "definition",
                                                    "CREATE INDEX by_customer ON tenant_acme.orders"
                                                        + " USING btree (customer, total DESC)"));
            long released = System.nanoTime();
            holder.rollback();
            waiter.join();
            assertThat(Duration.ofNanos(System.nanoTime() - released))
                    .isLessThan(Duration.ofSeconds(1));
        } finally {
            executor.disconnect();
            server.execute(Servers.DATABASE, "DROP TABLE locked_one");
        }
    }

    private static CompletableFuture<Void> inBackground(Statement statement, String sql) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        statement.execute(sql);
                    } catch (SQLException e) {
                        throw new CompletionException(e);
                    }
                });
    }

    static PostgresExecutor executor(PollTarget target) {
        TargetState state =
                new TargetState(
                        Clock.systemUTC(),
                        new Random(1),
                        Duration.ofMillis(1),
                        Duration.ofMillis(1));
        return new PostgresExecutor(
                target,
                new TargetConnection(
                        target,
                        PollingOptions.DEFAULT,
                        Duration.ofSeconds(5),
                        state,
                        Clock.systemUTC()),
                state);
    }

    private static Set<String> names(List<Sample> samples) {
        Set<String> names = new HashSet<>();
        samples.forEach(sample -> names.add(SeriesId.parse(sample.series()).metric()));
        return names;
    }

    private static List<Double> values(List<Sample> samples, String metric) {
        return samples.stream()
                .filter(sample -> SeriesId.parse(sample.series()).metric().equals(metric))
                .map(Sample::value)
                .toList();
    }
}
