package io.onevault.demo.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadSchemaIT {

    private static final String TABLES =
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace IN"
                + " ('business'::regnamespace, 'servicedesk'::regnamespace, 'auth'::regnamespace)"
                + " ORDER BY 1";

    @ParameterizedTest
    @ValueSource(ints = {14, PostgresServer.LATEST_VERSION})
    void theSeedAloneDecidesWhatIsThere(int version) throws SQLException {
        try (PostgresServer server = PostgresServer.builder(version).start()) {
            Map<String, String> first = createIn(server, "first", 7);
            Map<String, String> again = createIn(server, "again", 7);
            Map<String, String> other = createIn(server, "other", 8);

            assertThat(again).isEqualTo(first);
            assertThat(other.keySet()).isEqualTo(first.keySet());
            assertThat(other.get("business.asset_details_s"))
                    .isNotEqualTo(first.get("business.asset_details_s"));
            assertThat(first).hasSize(22).allSatisfy((table, hash) -> assertThat(hash).isNotNull());
        }
    }

    @Test
    void keepsAnAuthSchemaThatIsThereAndLeavesNothingWhenItFails() throws SQLException {
        try (PostgresServer server = PostgresServer.startLatest()) {
            createIn(server, "whole", 7);
            server.execute("whole", "DROP SCHEMA business, servicedesk CASCADE");
            try (Connection connection = server.connect("whole")) {
                WorkloadSchema.create(connection, 9);
                assertThat(connection.getAutoCommit()).isTrue();
                assertThat(column(connection, "SELECT count(*) FROM auth.user_h"))
                        .containsExactly("111");
                // The fourteen of V011, the duplicate and the unused one.
                assertThat(
                                column(
                                        connection,
                                        "SELECT indexname FROM pg_indexes WHERE indexname LIKE"
                                                + " 'idx\\_%'"))
                        .hasSize(16);
            }

            server.createDatabase("taken");
            server.execute("taken", "CREATE SCHEMA servicedesk");
            try (Connection connection = server.connect("taken")) {
                assertThatThrownBy(() -> WorkloadSchema.create(connection, 7))
                        .isInstanceOf(SQLException.class);
                assertThat(
                                column(
                                        connection,
                                        "SELECT nspname FROM pg_namespace WHERE nspname IN"
                                                + " ('business', 'auth')"))
                        .isEmpty();
            }
        }
    }

    /** Creates the schema in a new database and returns each table's content hash. */
    private static Map<String, String> createIn(PostgresServer server, String database, long seed)
            throws SQLException {
        server.createDatabase(database);
        try (Connection connection = server.connect(database)) {
            WorkloadSchema.create(connection, seed);
            Map<String, String> hashes = new TreeMap<>();
            for (String table : column(connection, TABLES)) {
                String hash =
                        "SELECT md5(string_agg(t::text, '/' ORDER BY t::text)) FROM %s AS t"
                                .formatted(table);
                List<String> content = column(connection, hash);
                // Sessions are the workload's to open.
                if (!table.contains("session")) {
                    hashes.put(table, content.get(0));
                }
            }
            return hashes;
        }
    }

    static List<String> column(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }
}
