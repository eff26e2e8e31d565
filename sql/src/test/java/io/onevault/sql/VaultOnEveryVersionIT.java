package io.onevault.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.embedded.postgres.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.FieldSource;

/** What the vault promises, on each PostgreSQL it runs on; one server a version. */
@ParameterizedClass(name = "PostgreSQL {0}")
@FieldSource("VERSIONS")
class VaultOnEveryVersionIT {

    static final List<Integer> VERSIONS = PostgresServer.SUPPORTED_VERSIONS;

    private static final String A = "a1".repeat(32);
    private static final String B = "b2".repeat(32);

    private static PostgresServer server;
    private static DeployReport firstDeployment;
    private static List<String> schemaOfFirstVersion;

    @Parameter int version;

    @BeforeParameterizedClassInvocation
    static void deploy(int version) {
        server = PostgresServer.builder(version).start();
        server.createDatabase("vault");
        firstDeployment = deployer("vault").deploy();
        server.execute(
                "vault",
                "CREATE ROLE reader_user LOGIN IN ROLE onevault_reader",
                "CREATE ROLE writer_user LOGIN IN ROLE onevault_writer",
                "CREATE ROLE admin_user LOGIN IN ROLE onevault_admin",
                "CREATE ROLE stranger LOGIN");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
    }

    @AfterAll
    static void forget() {
        schemaOfFirstVersion = null;
    }

    private static VaultDeployer deployer(String database) {
        return new VaultDeployer(server.jdbcUrl(database), PostgresServer.SUPERUSER, () -> "");
    }

    @Test
    void deploysIntoAnEmptyDatabaseAndChangesNothingTheSecondTime() {
        DeployReport second = deployer("vault").deploy();

        assertThat(firstDeployment.database()).isEqualTo("vault");
        assertThat(firstDeployment.serverVersion()).startsWith(version + ".");
        assertThat(firstDeployment.fromVersion()).isEmpty();
        assertThat(firstDeployment.migrations())
                .extracting(DeployReport.Migration::description)
                .startsWith("util", "util partitions", "auth", "monitoring")
                .endsWith("monitoring views");
        assertThat(firstDeployment.partitionsCreated()).isPositive();
        assertThat(firstDeployment.warnings()).isEmpty();
        assertThat(second.fromVersion()).isEqualTo(firstDeployment.toVersion()).isNotEmpty();
        assertThat(second.toVersion()).isEqualTo(firstDeployment.toVersion());
        assertThat(second.migrations()).isEmpty();
        assertThat(second.partitionsCreated()).isZero();
    }

    @Test
    void leavesAPlatformsAuthTablesAndUtilFunctionsUntouched() throws SQLException {
        server.createDatabase("platform");
        server.execute(
                "platform",
                "CREATE SCHEMA util",
                "CREATE FUNCTION util.hash_binary(p_input TEXT) RETURNS BYTEA LANGUAGE sql"
                        + " IMMUTABLE AS 'SELECT sha256(convert_to(p_input, ''UTF8''))'",
                "CREATE SCHEMA auth",
                "CREATE TABLE auth.tenant_h (tenant_hk BYTEA PRIMARY KEY, of_the_platform TEXT)",
                "INSERT INTO auth.tenant_h VALUES ('\\x01', 'kept')");

        DeployReport report = deployer("platform").deploy();
        DeployReport again = deployer("platform").deploy();

        assertThat(report.fromVersion()).isEmpty();
        assertThat(report.toVersion()).isEqualTo(firstDeployment.toVersion());
        assertThat(again.migrations()).isEmpty();
        try (Connection platform = server.connect("platform")) {
            assertThat(Rows.of(platform, "SELECT * FROM auth.tenant_h"))
                    .containsExactly("\\x01|kept");
            assertThat(
                            Rows.of(
                                    platform,
                                    "SELECT relname FROM pg_class WHERE relkind = 'r'"
                                            + " AND relnamespace = 'auth'::regnamespace"))
                    .containsExactly("tenant_h");
            assertThat(
                            Rows.one(
                                    platform,
                                    "SELECT proargnames[1] FROM pg_proc"
                                            + " WHERE oid = 'util.hash_binary'::regproc"))
                    .isEqualTo("p_input");
        }
    }

    @Test
    void hasTheSameSchemaOnEveryVersion() throws SQLException {
        List<String> schema;
        try (Connection vault = server.connect("vault")) {
            schema = SchemaDescription.of(vault);
        }
        if (schemaOfFirstVersion == null) {
            schemaOfFirstVersion = schema;
        }
        assertThat(schema).hasSizeGreaterThan(500);
        // Differences first: whole schemas would drown them.
        assertThat(without(schema, schemaOfFirstVersion)).as("only here").isEmpty();
        assertThat(without(schemaOfFirstVersion, schema)).as("missing here").isEmpty();
    }

    private static Set<String> without(List<String> lines, List<String> others) {
        Set<String> rest = new TreeSet<>(lines);
        rest.removeAll(Set.copyOf(others));
        return rest;
    }

    @Test
    void computesTheHashKeysJavaComputes() throws Exception {
        List<String> keys =
                List.of(
                        "",
                        "target|tenant|metric|label=value",
                        "O'Reilly \"quoted\" \\ back\\slash",
                        "naïve 日本語 \uD83D\uDC18 e\u0301",
                        "line\nfeed\tand\u0001control",
                        "é".repeat(500_000));
        try (Connection vault = server.connect("vault")) {
            for (String key : keys) {
                byte[] java =
                        MessageDigest.getInstance("SHA-256")
                                .digest(key.getBytes(StandardCharsets.UTF_8));
                assertThat(Rows.one(vault, "SELECT encode(util.hash_binary(?), 'hex')", key))
                        .isEqualTo(HexFormat.of().formatHex(java));
            }
        }
    }

    @Test
    void readsTheTenantOutOfABusinessKey() throws SQLException {
        try (Connection vault = server.connect("vault")) {
            String sql = "SELECT util.series_tenant(?)";
            assertThat(Rows.one(vault, sql, "db1|acme|connections|role=x")).isEqualTo("acme");
            assertThat(Rows.one(vault, sql, "db\\|1|a\\=c\\|me\\\\|connections"))
                    .isEqualTo("a=c|me\\");
            assertThat(Rows.one(vault, sql, "db1||connections")).isEqualTo("null");
        }
    }

    @Test
    void makesEveryMonthOnceAlsoWhenSessionsRace() throws Exception {
        Instant from = Instant.parse("2021-11-30T23:59:59Z");
        Instant to = Instant.parse("2022-01-01T00:00:00Z");
        PartitionMaintenance maintenance = new PartitionMaintenance();
        int satellites;
        int created;
        try (Connection one = server.connect("vault");
                Connection other = server.connect("vault", "writer_user", "")) {
            satellites = Integer.parseInt(Rows.one(one, "SELECT count(*) FROM util.satellite"));
            CompletableFuture<Integer> racing =
                    CompletableFuture.supplyAsync(() -> ensure(maintenance, other, from, to));
            created = maintenance.ensure(one, from, to) + racing.get();
            assertThat(maintenance.ensure(one, from, to)).isZero();
            assertThat(
                            Rows.one(
                                    one,
                                    "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid"
                                            + " = 'monitoring.system_health_s_y2021m12'::regclass"))
                    .isEqualTo(
                            "FOR VALUES FROM ('2021-12-01 00:00:00+00') TO ('2022-01-01"
                                    + " 00:00:00+00')");
            Rows.execute(one, "SET timezone = 'Pacific/Auckland'");
            assertThat(maintenance.ensure(one, from, to)).isZero();
        }
        assertThat(satellites).isGreaterThan(25);
        assertThat(created).isEqualTo(3 * satellites);
    }

    private static int ensure(
            PartitionMaintenance maintenance, Connection connection, Instant from, Instant to) {
        try {
            return maintenance.ensure(connection, from, to);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void refusesPartitionsOfForeignTablesAndAbsurdMonths() throws SQLException {
        try (Connection writer = server.connect("vault", "writer_user", "")) {
            assertThatThrownBy(
                            () ->
                                    Rows.one(
                                            writer,
                                            "SELECT util.ensure_partitions('pg_class', now(),"
                                                    + " now())"))
                    .hasMessageContaining("no satellite of the vault");
            assertThatThrownBy(
                            () ->
                                    Rows.one(
                                            writer,
                                            "SELECT"
                                                + " util.ensure_partitions('monitoring.system_health_s',"
                                                + " now(), '9999-01-01')"))
                    .hasMessageContaining("outside 2000 to two years from now");
            assertThat(Rows.one(writer, "SELECT util.create_partitions()")).isEqualTo("0");
        }
    }

    @Test
    void dropsExpiredMonthsButNotWhereACurrentRowMustStay() throws SQLException {
        PartitionMaintenance maintenance = new PartitionMaintenance();
        Instant old = Instant.parse("2019-05-10T00:00:00Z");
        try (Connection vault = server.connect("vault")) {
            maintenance.ensure(vault, old, old);
            Rows.execute(
                    vault,
                    "INSERT INTO monitoring.server_object_s VALUES ('\\x01', '2019-05-10Z', NULL,"
                            + " '\\x02', 'db1', 'setting', 'work_mem', '{}', 'test')");

            PartitionMaintenance.Retention retention =
                    maintenance.dropExpired(vault, Instant.parse("2019-09-15T00:00:00Z"));

            assertThat(retention.dropped())
                    .contains(
                            new PartitionMaintenance.Partition(
                                    "monitoring", "system_health_s", "system_health_s_y2019m05"))
                    .extracting(PartitionMaintenance.Partition::satellite)
                    .doesNotContain("system_health_daily_s", "alert_configuration_s");
            assertThat(retention.waiting()).isEmpty();

            PartitionMaintenance.Retention later =
                    maintenance.dropExpired(vault, Instant.parse("2020-07-15T00:00:00Z"));
            assertThat(later.kept())
                    .containsExactly(
                            new PartitionMaintenance.Partition(
                                    "monitoring", "server_object_s", "server_object_s_y2019m05"));
            assertThat(Rows.one(vault, "SHOW lock_timeout")).isEqualTo("0");
            assertThat(
                            Rows.one(
                                    vault,
                                    "SELECT"
                                        + " to_regclass('monitoring.alert_configuration_s_y2019m05')"))
                    .isNotEqualTo("null");
        }
    }

    @Test
    void showsAReaderItsOwnTenantOnlyThroughTablesAndViews() throws SQLException {
        try (Connection owner = server.connect("vault")) {
            owner.setAutoCommit(false);
            insertSeries(owner, "aa", "db1|A|connections", "'\\x" + A + "'");
            insertSeries(owner, "bb", "db1|B|connections", "'\\x" + B + "'");
            insertSeries(owner, "cc", "db1||connections", "NULL");
            owner.commit();
        }
        List<String> relations =
                List.of(
                        "monitoring.system_health_h",
                        "monitoring.system_health_s",
                        "monitoring.system_health_metric_h",
                        "monitoring.system_health_metric_s",
                        "monitoring.system_dashboard");
        for (String relation : relations) {
            assertThat(visible("reader_user", A, relation)).as(relation).containsExactly("A");
            assertThat(visible("reader_user", B, relation)).as(relation).containsExactly("B");
            assertThat(visible("reader_user", "", relation)).as(relation).containsExactly("-");
            assertThat(visible("reader_user", "not hex", relation)).as(relation).isEmpty();
            assertThat(visible("admin_user", "", relation))
                    .as(relation)
                    .containsExactly("-", "A", "B");
            assertThat(visible("writer_user", A, relation))
                    .as(relation)
                    .containsExactly("-", "A", "B");
            assertThat(visible(PostgresServer.SUPERUSER, "", relation))
                    .as(relation)
                    .containsExactly("-", "A", "B");
        }
    }

    @Test
    void showsNothingOfOtherTenantsToAFunctionOfTheReadersOwn() throws SQLException {
        try (Connection owner = server.connect("vault")) {
            owner.setAutoCommit(false);
            insertSeries(owner, "a1", "db1|A|peeked", "'\\x" + A + "'");
            insertSeries(owner, "b1", "db1|B|peeked", "'\\x" + B + "'");
            owner.commit();
        }
        try (Connection reader = server.connect("vault", "reader_user", "");
                Statement statement = reader.createStatement()) {
            Rows.of(reader, "SELECT set_config('app.current_tenant_id', ?, false)", A);
            // Cheaper than any condition, so that the planner would like to ask it first.
            statement.execute(
                    "CREATE FUNCTION pg_temp.peek(text) RETURNS boolean LANGUAGE plpgsql COST 1e-7"
                            + " AS 'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END'");
            statement.clearWarnings();
            statement.execute(
                    "SELECT count(*) FROM monitoring.system_health_metric_h"
                            + " WHERE pg_temp.peek(health_metric_bk)");
            List<String> peeked = new ArrayList<>();
            for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
                peeked.add(w.getMessage());
            }
            assertThat(peeked).contains("db1|A|peeked").noneMatch(bk -> bk.contains("|B|"));
        }
    }

    private static void insertSeries(Connection owner, String key, String series, String tenant)
            throws SQLException {
        Rows.execute(
                owner,
                "INSERT INTO monitoring.system_health_h VALUES ('\\x%s', '%s', %s, now(), 'test')"
                        .formatted(key, series, tenant),
                """
                INSERT INTO monitoring.system_health_s
                    (health_metric_hk, load_date, hash_diff, metric_name, metric_category, metric_value,
                     measurement_timestamp, target_name, window_start, window_seconds, sample_count, record_source)
                VALUES ('\\x%s', now(), '\\x00', '%s', 'PERFORMANCE', 1, now(), 'db1', now(), 60, 6, 'test')
                """
                        .formatted(key, series));
    }

    /** Which tenants' rows of {@code insertSeries} the user sees; "-" for those of none. */
    private static List<String> visible(String user, String tenant, String relation)
            throws SQLException {
        String series = relation.endsWith("_h") ? "health_metric_bk" : "metric_name";
        try (Connection connection = server.connect("vault", user, "")) {
            Rows.of(connection, "SELECT set_config('app.current_tenant_id', ?, false)", tenant);
            return Rows.of(
                    connection,
                    "SELECT coalesce(nullif(split_part(%s, '|', 2), ''), '-') AS tenant FROM %s ORDER BY 1"
                            .formatted(series, relation));
        }
    }

    @Test
    void plansTheDashboardWithoutOldMonths() throws SQLException {
        try (Connection owner = server.connect("vault");
                Connection reader = server.connect("vault", "reader_user", "")) {
            Rows.one(
                    owner,
                    "SELECT util.ensure_partitions('monitoring.system_health_s', now() - INTERVAL"
                            + " '1 year', now())");
            String sixHoursAgo =
                    Rows.one(
                            owner,
                            "SELECT to_char((now() - INTERVAL '6 hours') AT TIME ZONE 'UTC',"
                                    + " '\"y\"YYYY\"m\"MM')");
            for (Connection connection : List.of(owner, reader)) {
                String plan =
                        String.join(
                                "\n",
                                Rows.of(
                                        connection,
                                        "EXPLAIN SELECT * FROM monitoring.system_dashboard"));
                assertThat(plan).contains("Subplans Removed");
                assertThat(
                                Pattern.compile("system_health_s_(y\\d{4}m\\d\\d)")
                                        .matcher(plan)
                                        .results())
                        .isNotEmpty()
                        .allSatisfy(
                                month ->
                                        assertThat(month.group(1))
                                                .isGreaterThanOrEqualTo(sixHoursAgo));
            }
        }
    }

    @Test
    void givesEachRoleItsLeast() throws SQLException {
        try (Connection writer = server.connect("vault", "writer_user", "");
                Connection reader = server.connect("vault", "reader_user", "");
                Connection stranger = server.connect("vault", "stranger", "")) {
            refuses(writer, "DELETE FROM monitoring.system_health_s");
            refuses(writer, "TRUNCATE monitoring.system_health_s");
            refuses(writer, "DROP TABLE monitoring.system_health_s");
            refuses(writer, "CREATE TABLE monitoring.mine (a INT)");
            refuses(writer, "ALTER TABLE monitoring.system_health_s DISABLE ROW LEVEL SECURITY");
            refuses(writer, "UPDATE monitoring.alert_configuration_s SET is_active = false");
            refuses(writer, "SELECT util.secure_schema('monitoring')");
            refuses(reader, "INSERT INTO monitoring.dead_letter (dead_letter_hk) VALUES ('\\x00')");
            refuses(reader, "SELECT * FROM monitoring.dead_letter");
            refuses(reader, "SELECT * FROM monitoring.notification_channel_s");
            refuses(reader, "UPDATE monitoring.system_health_s SET metric_value = 0");
            refuses(reader, "SELECT util.create_partitions()");
            String month =
                    Rows.one(
                            writer,
                            "SELECT to_char(now() AT TIME ZONE 'UTC', '\"_y\"YYYY\"m\"MM')");
            refuses(reader, "SELECT * FROM monitoring.system_health_s" + month);
            refuses(stranger, "SELECT * FROM monitoring.system_health_h");
            Rows.execute(
                    writer,
                    "INSERT INTO monitoring.dead_letter (dead_letter_hk, reason) VALUES ('\\x00',"
                            + " 'test')");
        }
    }

    private static void refuses(Connection connection, String sql) {
        assertThatThrownBy(() -> Rows.execute(connection, sql))
                .as(sql)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
    }

    @Test
    void securesEveryTableAndGivesEverySatelliteTheSameFrame() throws SQLException {
        try (Connection vault = server.connect("vault")) {
            assertThat(
                            Rows.of(
                                    vault,
                                    """
                                    SELECT c.oid::regclass
                                    FROM pg_class c
                                    WHERE c.relnamespace::regnamespace::text = ANY (util.vault_schemas())
                                        AND c.relkind IN ('r', 'p')
                                        AND (NOT c.relrowsecurity
                                            OR NOT c.relispartition
                                                AND (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) <> 2)
                                    """))
                    .as("tables without row security")
                    .isEmpty();
            assertThat(
                            Rows.of(
                                    vault,
                                    """
                                    WITH relation AS (
                                        SELECT c.oid, c.relname, c.relkind,
                                               array_agg(a.attname::text ORDER BY a.attnum) AS columns
                                        FROM pg_class c
                                        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                                        WHERE c.relnamespace::regnamespace::text = ANY (util.vault_schemas())
                                            AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                                            AND c.relname <> 'dead_letter'
                                        GROUP BY c.oid
                                    )
                                    SELECT relname FROM relation
                                    WHERE NOT CASE right(relname, 2)
                                        WHEN '_h' THEN relkind = 'r' AND columns[1] LIKE '%\\_hk'
                                            AND columns[2:] = ARRAY[replace(columns[1], '_hk', '_bk'), 'tenant_hk',
                                                                    'load_date', 'record_source']
                                        WHEN '_s' THEN relkind = 'p' AND columns[1] LIKE '%\\_hk'
                                            AND columns[2:4] = ARRAY['load_date', 'load_end_date', 'hash_diff']
                                            AND 'record_source' = ANY (columns)
                                        WHEN '_l' THEN relkind = 'r' AND columns[1] = regexp_replace(relname, '_l$', '_hk')
                                            AND columns[4:] = ARRAY['tenant_hk', 'load_date', 'record_source']
                                        ELSE false END
                                    """))
                    .as("tables of another shape")
                    .isEmpty();
            assertThat(
                            Rows.of(
                                    vault,
                                    """
                                    SELECT schema_name, table_name FROM util.retention_policy
                                    EXCEPT SELECT schema_name, table_name FROM util.satellite
                                    """))
                    .as("retention of what does not exist")
                    .isEmpty();
        }
    }
}
