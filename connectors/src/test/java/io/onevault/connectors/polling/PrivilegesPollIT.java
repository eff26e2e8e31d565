package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.Fact;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Which changes of roles and privileges the poll shows, and which it does not, on each version. */
class PrivilegesPollIT {

    static final List<Integer> VERSIONS = PostgresServer.SUPPORTED_VERSIONS;

    private PostgresServer server;
    private PostgresExecutor executor;
    private Map<String, Map<String, String>> before = Map.of();

    private void start(int version) throws Exception {
        server = Servers.version(version);
        run(
                "CREATE ROLE p_ann LOGIN",
                "CREATE ROLE p_team",
                "CREATE ROLE p_boss SUPERUSER",
                "CREATE SCHEMA p_s",
                "CREATE TABLE p_s.one (i int)",
                "CREATE TABLE p_s.two (i int)",
                "CREATE SEQUENCE p_s.seq",
                "CREATE FUNCTION p_s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
        executor = CatalogueIT.executor(Servers.target("t", server).build());
        changed();
    }

    @AfterEach
    void stop() {
        executor.disconnect();
        run(
                "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
                "DROP SCHEMA p_s CASCADE",
                "REVOKE ALL ON DATABASE shop FROM p_ann",
                "DROP OWNED BY p_ann",
                "DROP ROLE p_ann, p_team, p_boss");
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void grantsAndRolesAreSeen(int version) throws Exception {
        start(version);
        String ann = oid("p_ann");
        String team = oid("p_team");
        String boss = oid("p_boss");

        run("GRANT SELECT ON p_s.one TO p_ann");
        assertThat(changed()).containsExactly("relations/p_s");
        run("GRANT SELECT ON p_s.two TO p_ann");
        assertThat(changed()).as("another table, the same privilege").hasSize(1);
        run(
                "CREATE TABLE p_s.parts (i int) PARTITION BY RANGE (i)",
                "GRANT SELECT ON p_s.parts TO p_ann");
        assertThat(changed()).hasSize(1);
        run(
                "CREATE TABLE p_s.part PARTITION OF p_s.parts FOR VALUES FROM (1) TO (10)",
                "GRANT SELECT ON p_s.part TO p_ann");
        assertThat(changed()).as("a partition like its parent").isEmpty();
        run("GRANT DELETE ON p_s.part TO p_ann");
        assertThat(changed()).as("and no longer").containsExactly("relations/p_s");
        run("REVOKE EXECUTE ON FUNCTION p_s.f() FROM PUBLIC");
        assertThat(changed()).containsExactly("functions/p_s");
        run("GRANT USAGE ON SCHEMA p_s TO p_ann");
        assertThat(changed()).containsExactly("schema/p_s");
        run("GRANT TEMPORARY ON DATABASE shop TO p_ann");
        assertThat(changed()).containsExactly("database/shop");
        run("GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text) TO p_ann");
        assertThat(changed()).containsExactly("functions/pg_catalog");

        run("GRANT p_team TO p_ann");
        assertThat(changed()).containsExactly("member/" + team + "/" + ann);
        run("GRANT p_team TO p_ann WITH ADMIN OPTION");
        assertThat(changed()).containsExactly("member/" + team + "/" + ann);
        assertThat(attributes("member/" + team + "/" + ann))
                .containsEntry("admin", "t")
                .containsEntry("role", team)
                .containsEntry("member", ann);
        run("ALTER ROLE p_ann CREATEDB VALID UNTIL '2030-01-01 00:00+00' CONNECTION LIMIT 3");
        assertThat(changed()).containsExactly("role/" + ann);
        assertThat(attributes("role/" + ann))
                .containsEntry("createdb", "t")
                .containsEntry("connection_limit", "3")
                .containsEntry("valid_until", "2030-01-01 00:00:00")
                .containsEntry("powers", "");

        run("GRANT p_boss TO p_team");
        assertThat(changed())
                .containsExactlyInAnyOrder(
                        "member/" + boss + "/" + team, "role/" + team, "role/" + ann);
        assertThat(attributes("role/" + ann))
                .as("through another role")
                .containsEntry("powers", "superuser");
        run("GRANT pg_execute_server_program TO p_ann", "ALTER ROLE p_ann REPLICATION");
        changed();
        assertThat(attributes("role/" + ann))
                .containsEntry("powers", "pg_execute_server_program, replication, superuser");
        assertThat(before.toString()).as("no names of roles").doesNotContain("p_ann", "p_boss");
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void whatNobodyGrantedIsNoChange(int version) throws Exception {
        start(version);
        String us = oid(PostgresServer.SUPERUSER);
        run("ALTER DEFAULT PRIVILEGES IN SCHEMA p_s GRANT SELECT ON TABLES TO p_ann");
        assertThat(changed()).containsExactly("default/" + us + "/p_s/r");
        run(
                "CREATE TABLE p_s.three (i int)",
                "CREATE VIEW p_s.v AS SELECT 1 AS i",
                "CREATE SEQUENCE p_s.seq2",
                "CREATE FUNCTION p_s.g() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE SCHEMA p_t",
                "DROP SCHEMA p_t",
                "DROP TABLE p_s.three",
                "ALTER ROLE p_ann RENAME TO p_anna",
                "ALTER ROLE p_anna RENAME TO p_ann",
                "ALTER ROLE p_ann SET work_mem = '8MB'");
        assertThat(changed()).isEmpty();
        run(
                "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO p_ann",
                "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC");
        Set<String> changed = changed();
        // What had less than usual before has as much as usual now.
        changed.removeIf(key -> key.startsWith("functions/"));
        assertThat(changed)
                .containsExactlyInAnyOrder("default/" + us + "//S", "default/" + us + "//f");
        run(
                "CREATE SEQUENCE p_s.seq3",
                "CREATE TABLE p_s.four (i serial)",
                "CREATE FUNCTION p_s.h() RETURNS int LANGUAGE sql AS 'SELECT 1'");
        assertThat(changed()).isEmpty();
        run("REVOKE SELECT ON p_s.four FROM p_ann");
        assertThat(changed()).as("less than usual").containsExactly("relations/p_s");
    }

    private void run(String... statements) {
        server.execute(Servers.DATABASE, statements);
    }

    /** Keys of what is new, gone or other than at the last look. */
    private Set<String> changed() throws Exception {
        Map<String, Map<String, String>> now = new HashMap<>();
        for (Fact fact :
                executor.execute(PollCatalogue.load().poll("privileges").orElseThrow()).facts()) {
            assertThat(now.put(fact.key(), fact.attributes())).as(fact.key()).isNull();
        }
        Set<String> keys = new HashSet<>(now.keySet());
        keys.addAll(before.keySet());
        Map<String, Map<String, String>> then = before;
        keys.removeIf(key -> now.containsKey(key) && now.get(key).equals(then.get(key)));
        before = now;
        return keys;
    }

    private Map<String, String> attributes(String key) {
        return before.get(key);
    }

    private String oid(String role) throws Exception {
        try (Connection connection = server.connect(Servers.DATABASE);
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT oid FROM pg_roles WHERE rolname = '" + role + "'")) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
