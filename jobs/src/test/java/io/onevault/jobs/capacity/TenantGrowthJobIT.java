package io.onevault.jobs.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.cdc.PostgresCdcSource;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Growth of tenants from a server's log to the vault, compared with what the server says. */
class TenantGrowthJobIT {

    static final List<Integer> VERSIONS = List.of(14, PostgresServer.LATEST_VERSION);

    private static final int STEPS = 400;

    /** Guards the failures that are yet to be. */
    private static final AtomicInteger CHANGES_UNTIL_FAILURE = new AtomicInteger();

    @TempDir static Path work;

    private static TestVault vault;
    private static LocalFlink flink;

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.start();
        flink = LocalFlink.start(work);
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
        vault.close();
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void vaultHoldsOfEachTenantWhatTheServerSays(int version) throws Exception {
        String target = "server" + version;
        try (PostgresServer server = PostgresServer.builder(version).start()) {
            BusinessVault business = BusinessVault.create(server);
            business.work(1, 0, STEPS);
            business.work(2, 100, STEPS);
            CHANGES_UNTIL_FAILURE.set(100);
            JobID job =
                    flink.submit(compose(target, server, version == 14 ? "hashmap" : "rocksdb"));
            awaitTruth("a snapshot that was interrupted", target, business);
            assertThat(CHANGES_UNTIL_FAILURE).as("the failure came").hasNegativeValue();
            CHANGES_UNTIL_FAILURE.set(150);
            CompletableFuture<Void> first = working(business, 3, 0);
            CompletableFuture<Void> second = working(business, 4, 100);
            first.get(120, TimeUnit.SECONDS);
            second.get(120, TimeUnit.SECONDS);
            awaitTruth("concurrent changes and a failure", target, business);
            assertThat(CHANGES_UNTIL_FAILURE).as("the failure came").hasNegativeValue();

            server.execute(
                    BusinessVault.DATABASE,
                    "TRUNCATE business.asset_details_s, business.note",
                    "INSERT INTO business.note VALUES (sha256('acme'), 'after')");
            awaitTruth("a truncation", target, business);
            server.execute(
                    BusinessVault.DATABASE,
                    "INSERT INTO auth.tenant_h (tenant_hk, tenant_bk) VALUES (sha256('initech'),"
                            + " 'initech')");
            awaitTruth("a tenant's name", target, business);
            assertThat(
                            vault.text(
                                    "SELECT count(DISTINCT tenant_hk) FROM resource_utilization_h"
                                            + " WHERE tenant_hk = sha256('initech') AND"
                                            + " resource_utilization_bk LIKE '"
                                            + target
                                            + "|\\\\\\\\x%'"))
                    .as("known by its hash before")
                    .isEqualTo("1");
            flink.cancel(job);
        }
        assertThat(vault.text("SELECT min(relation || ': ' || reason) FROM monitoring.dead_letter"))
                .isEqualTo("null");
        assertThat(
                        vault.text(
                                "SELECT bool_and(util.series_tenant(resource_utilization_bk) IS NOT"
                                    + " DISTINCT FROM CASE WHEN resource_name LIKE 'tenant %' THEN"
                                    + " split_part(substr(resource_name, 8), ',', 1) END) FROM"
                                    + " resource_utilization_s JOIN resource_utilization_h USING"
                                    + " (resource_utilization_hk)"))
                .isEqualTo("t");
    }

    private static CompletableFuture<Void> working(BusinessVault business, int seed, int asset) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        business.work(seed, asset, STEPS);
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static StreamExecutionEnvironment compose(
            String target, PostgresServer server, String stateBackend) {

        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(StateBackendOptions.STATE_BACKEND, stateBackend);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.enableCheckpointing(300);
        PostgresCdcSource source =
                PostgresCdcSource.builder(
                                target,
                                server.jdbcUrl(BusinessVault.DATABASE),
                                PostgresServer.SUPERUSER,
                                Secret.NONE)
                        .slot(BusinessVault.SLOT)
                        .publication(BusinessVault.SLOT)
                        .tables(BusinessVault.TABLES)
                        .heartbeat(Duration.ofMillis(200))
                        .outOfOrder(Duration.ofMillis(300))
                        .retryDelay(Duration.ofMillis(100))
                        .build();
        TenantGrowthJob.defineWorkflow(
                Map.of(
                        target,
                        source.addTo(env, "changes")
                                .map(new FailingOnce())
                                .setParallelism(1)
                                .uid("failing-once")),
                TenantGrowthSettings.DEFAULT.withPeriod(Duration.ofSeconds(1)),
                new VaultFindingSinks(
                        VaultOptions.of(vault.jdbcUrl(), "pipeline", Secret.of("secret"))));
        return env;
    }

    /** Waits until what stands in the vault is what the server says, rows and bytes. */
    private static void awaitTruth(String what, String target, BusinessVault business)
            throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Map<String, String> truth = business.truth();
        while (!standing(target).equals(truth) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        assertThat(standing(target)).as(what).isEqualTo(truth);
    }

    private static Map<String, String> standing(String target) throws SQLException {
        Map<String, String> standing = new TreeMap<>();
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                """
                                SELECT coalesce(util.series_tenant(resource_utilization_bk), '') AS tenant,
                                       coalesce(schema_name || '.' || object_name, '') AS name,
                                       row_count, current_value::int8 AS bytes
                                FROM capacity_planning.resource_utilization_s
                                JOIN capacity_planning.resource_utilization_h USING (resource_utilization_hk)
                                WHERE load_end_date IS NULL AND current_value <> 0 AND target_name = '%s'
                                """
                                        .formatted(target))) {
            while (rows.next()) {
                standing.put(
                        rows.getString("tenant") + "/" + rows.getString("name"),
                        rows.getLong("row_count") + " rows, " + rows.getLong("bytes") + " bytes");
            }
        }
        return standing;
    }

    /** Fails at one change, after which the job goes on from its latest checkpoint. */
    private static final class FailingOnce implements MapFunction<CdcRecord, CdcRecord> {
        private static final long serialVersionUID = 1L;

        @Override
        public CdcRecord map(CdcRecord record) {
            if (CHANGES_UNTIL_FAILURE.get() >= 0 && CHANGES_UNTIL_FAILURE.decrementAndGet() < 0) {
                throw new IllegalStateException("made to fail");
            }
            return record;
        }
    }
}
