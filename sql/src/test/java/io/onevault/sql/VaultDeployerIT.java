package io.onevault.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the deployer says when it cannot deploy, and what it leaves behind. */
class VaultDeployerIT {

    private static final String SECRET = "s3cret-Pa55";

    private static PostgresServer server;

    @BeforeAll
    static void start() throws IOException {
        server = PostgresServer.startLatest();
        server.execute(
                "postgres",
                "CREATE ROLE deployer LOGIN CREATEROLE PASSWORD '" + SECRET + "'",
                "CREATE ROLE guest LOGIN PASSWORD '" + SECRET + "'");
        Path hba = server.directory().resolve("data").resolve("pg_hba.conf");
        Files.writeString(
                hba,
                "host all guest 127.0.0.1/32 scram-sha-256\n"
                        + "host locked all 127.0.0.1/32 reject\n"
                        + Files.readString(hba));
        server.execute("postgres", "SELECT pg_reload_conf()");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String refusal(String url, String user, String password) {
        DeployException refusal =
                catchThrowableOfType(
                        DeployException.class,
                        () -> new VaultDeployer(url, user, () -> password).deploy());
        assertThat(refusal).hasNoCause();
        assertThat(refusal.getMessage())
                .doesNotContain(SECRET)
                .doesNotContain("\n")
                .doesNotContain("jdbc:postgresql://127");
        return refusal.getMessage();
    }

    private static String url(String database) {
        return server.jdbcUrl(database);
    }

    private static String address(String database) {
        return "127.0.0.1:" + server.port() + "/" + database;
    }

    @Test
    void namesAWrongPassword() {
        assertThat(refusal(url("postgres"), "guest", SECRET + "x"))
                .isEqualTo(
                        "the password of user guest was refused by %s: correct the configured password"
                                .formatted(address("postgres")));
    }

    @Test
    void namesAMissingDatabase() {
        assertThat(refusal(url("nowhere"), "postgres", ""))
                .isEqualTo(
                        "the database of %s does not exist: create it with CREATE DATABASE"
                                .formatted(address("nowhere")));
    }

    @Test
    void namesAnAccessRuleThatKeepsTheUserOut() {
        assertThat(refusal(url("locked"), "postgres", "")).contains("add it to pg_hba.conf");
    }

    @Test
    void namesAnUnreachableServer() throws IOException {
        int freePort;
        try (ServerSocket socket = new ServerSocket(0)) {
            freePort = socket.getLocalPort();
        }
        assertThat(
                        refusal(
                                "jdbc:postgresql://127.0.0.1:" + freePort + "/vault",
                                "postgres",
                                SECRET))
                .isEqualTo(
                        ("127.0.0.1:%d/vault cannot be reached: check host, port, TLS settings and"
                                        + " that the server runs")
                                .formatted(freePort));
    }

    @Test
    void refusesAMalformedUrlWithoutQuotingIt() {
        assertThat(refusal("jdbc:postgres://db/vault?password=" + SECRET, "postgres", SECRET))
                .isEqualTo(
                        "the vault's JDBC URL is malformed: write"
                                + " jdbc:postgresql://host:port/database");
        assertThat(
                        new VaultDeployer(
                                        "jdbc:postgresql://db/v?password=" + SECRET,
                                        "u",
                                        () -> SECRET)
                                .toString())
                .doesNotContain(SECRET);
    }

    @Test
    void namesAMissingPrivilege() {
        server.createDatabase("foreign");
        assertThat(refusal(url("foreign"), "guest", SECRET))
                .isEqualTo(
                        ("user guest may not create schemas: run GRANT CREATE ON DATABASE"
                                + " \"foreign\" TO \"guest\""));
    }

    @Test
    void refusesADatabaseOfAnotherEncoding() {
        server.execute(
                "postgres",
                "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        assertThat(refusal(url("latin"), "postgres", "")).contains("ENCODING 'UTF8'");
    }

    @Test
    void leavesNothingBehindWhenAMigrationFails() throws SQLException {
        server.createDatabase("occupied");
        server.execute(
                "occupied",
                "CREATE SCHEMA capacity_planning",
                "CREATE TABLE capacity_planning.growth_pattern_h ()");

        assertThat(refusal(url("occupied"), "postgres", ""))
                .contains("\"growth_pattern_h\" already exists")
                .contains(
                        "deploy into a database where the vault's schemas hold nothing of that"
                                + " name");

        try (Connection database = server.connect("occupied")) {
            assertThat(
                            Rows.of(
                                    database,
                                    "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER"
                                            + " BY 1"))
                    .containsExactly("capacity_planning", "information_schema", "public");
        }
        server.execute("occupied", "DROP TABLE capacity_planning.growth_pattern_h");
        assertThat(new VaultDeployer(url("occupied"), "postgres", () -> "").deploy().migrations())
                .isNotEmpty();
    }

    @Test
    void refusesAHashFunctionThatMakesOtherKeys() {
        server.createDatabase("other_hash");
        server.execute(
                "other_hash",
                "CREATE SCHEMA util",
                "CREATE FUNCTION util.hash_binary(TEXT) RETURNS BYTEA LANGUAGE sql AS 'SELECT"
                        + " NULL::bytea'");
        assertThat(refusal(url("other_hash"), "postgres", ""))
                .contains("util.hash_binary(text) exists and is not the SHA-256 of the UTF-8 bytes")
                .contains("sha256(convert_to(text, 'UTF8'))");
    }

    @Test
    void refusesAVaultNewerThanItself() {
        server.createDatabase("newer");
        VaultDeployer deployer = new VaultDeployer(url("newer"), "postgres", () -> "");
        String version = deployer.deploy().toVersion();
        server.execute(
                "newer",
                "INSERT INTO util.flyway_schema_history (installed_rank, version, description,"
                    + " type, script, installed_by, execution_time, success) VALUES (999, '999',"
                    + " 'later', 'SQL', 'V999__later.sql', 'x', 1, true)");
        assertThat(refusal(url("newer"), "postgres", ""))
                .isEqualTo(
                        ("the vault on %s is at version 999, newer than this program's %s: use a"
                                        + " newer release")
                                .formatted(address("newer"), version));
    }

    @Test
    void refusesAVaultMadeByOtherMigrations() {
        server.createDatabase("altered");
        new VaultDeployer(url("altered"), "postgres", () -> "").deploy();
        server.execute(
                "altered",
                "UPDATE util.flyway_schema_history SET checksum = 1 WHERE description = 'auth'");
        assertThat(refusal(url("altered"), "postgres", ""))
                .contains("was made by migrations other than this program's");
    }

    @Test
    void deploysAsARoleThatIsNoSuperuser() throws SQLException {
        server.createDatabase("modest");
        server.execute("modest", "GRANT CREATE ON DATABASE modest TO deployer");
        VaultDeployer deployer = new VaultDeployer(url("modest"), "deployer", () -> SECRET);
        assertThat(deployer.deploy().migrations()).isNotEmpty();
        server.execute("postgres", "REVOKE pg_monitor FROM onevault_collector");
        DeployReport again = deployer.deploy();
        assertThat(again.migrations()).isEmpty();
        assertThat(again.warnings())
                .containsExactly(
                        "role onevault_collector lacks pg_monitor: as superuser run GRANT"
                                + " pg_monitor TO onevault_collector");
        try (Connection owner = server.connect("modest", "deployer", SECRET)) {
            assertThat(Rows.one(owner, "SELECT util.reads_every_tenant()")).isEqualTo("t");
        }
    }

    /** docs/alerts.md promises version 1: columns may be added at the end, and nothing else. */
    @Test
    void theContractViewHasTheColumnsThatItsFirstVersionHad() throws SQLException {
        server.createDatabase("contract");
        new VaultDeployer(url("contract"), "postgres", () -> "").deploy();
        try (Connection database = server.connect("contract")) {
            assertThat(
                            Rows.of(
                                    database,
                                    "SELECT attname, format_type(atttypid, atttypmod) FROM"
                                        + " pg_attribute WHERE attrelid ="
                                        + " 'monitoring.open_alerts'::regclass ORDER BY attnum"))
                    .startsWith(
                            "contract_version|integer",
                            "alert_id|text",
                            "rule_name|text",
                            "status|text",
                            "severity|text",
                            "severity_rank|integer",
                            "target_name|text",
                            "metric_name|text",
                            "labels|jsonb",
                            "message|text",
                            "value|double precision",
                            "threshold|double precision",
                            "unit|text",
                            "pending_since|timestamp with time zone",
                            "fired_at|timestamp with time zone",
                            "acknowledged_at|timestamp with time zone",
                            "acknowledged_by|text",
                            "suppressed_at|timestamp with time zone",
                            "suppressed_by|text",
                            "was_told|boolean",
                            "flapping|boolean",
                            "group_key|text",
                            "changed_at|timestamp with time zone",
                            "age_seconds|double precision",
                            "description|text",
                            "rationale|text",
                            "runbook|text",
                            "series|text",
                            "tenant_hk|bytea",
                            "explained_by|text",
                            "incident_id|text");
        }
    }

    @Test
    void replacesTheContractViewOfAnOlderVaultWithoutDroppingWhatOthersBuiltOnIt()
            throws SQLException {
        server.createDatabase("older");
        VaultDeployer deployer = new VaultDeployer(url("older"), "postgres", () -> "");
        deployer.deploy();
        server.execute(
                "older",
                """
                DO $$
                DECLARE
                    v_columns TEXT;
                BEGIN
                    SELECT string_agg(format('NULL::%s AS %I', format_type(atttypid, atttypmod), attname), ', '
                            ORDER BY attnum)
                    INTO v_columns
                    FROM pg_attribute
                    WHERE attrelid = 'monitoring.open_alerts'::regclass
                        AND attname NOT IN ('explained_by', 'incident_id');
                    DROP VIEW monitoring.open_alerts;
                    EXECUTE 'CREATE VIEW monitoring.open_alerts AS SELECT ' || v_columns;
                END
                $$\
                """,
                "CREATE VIEW public.paged AS SELECT alert_id, status FROM monitoring.open_alerts",
                "GRANT SELECT ON monitoring.open_alerts TO guest",
                "UPDATE util.flyway_schema_history SET checksum = 1 WHERE script ="
                        + " 'R__alert_views.sql'");
        assertThat(deployer.deploy().migrations()).hasSize(1);
        try (Connection database = server.connect("older")) {
            assertThat(
                            Rows.of(
                                    database,
                                    "SELECT count(explained_by), count(incident_id),"
                                            + " (SELECT count(*) FROM public.paged),"
                                            + " has_table_privilege('guest',"
                                            + " 'monitoring.open_alerts', 'SELECT'),"
                                            + " (SELECT reloptions FROM pg_class WHERE oid ="
                                            + " 'monitoring.open_alerts'::regclass)"
                                            + " FROM monitoring.open_alerts"))
                    .containsExactly("0|0|0|t|{security_invoker=true}");
        }
    }

    @Test
    void takesTurnsWithAnotherDeployment() {
        server.createDatabase("contended");
        VaultDeployer deployer = new VaultDeployer(url("contended"), "postgres", () -> "");
        CompletableFuture<DeployReport> other = CompletableFuture.supplyAsync(deployer::deploy);
        DeployReport mine = deployer.deploy();
        assertThat(mine.migrations().isEmpty()).isNotEqualTo(other.join().migrations().isEmpty());
    }
}
