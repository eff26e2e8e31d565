package io.onevault.jobs.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.cdc.CdcSlots;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.alerts.rules.RuleTables;
import io.onevault.sql.VaultDeployer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A vault on a server of its own, which a test may stop or crash. It is deployed once in this
 * process for each version; what is started here begins with a copy.
 *
 * <p>Jobs write as {@code pipeline}, password {@code secret}, who may do what the documentation
 * grants. Questions are asked as superuser, with the vault's schemas on the search path.
 */
public final class TestVault implements AutoCloseable {

    private static final String DATABASE = "vault";
    private static final Map<Integer, Path> DEPLOYED = new HashMap<>();

    private final PostgresServer server;

    private TestVault(PostgresServer server) {
        this.server = server;
    }

    public static TestVault start() {
        return start(PostgresServer.LATEST_VERSION, Map.of());
    }

    /**
     * Starts a server with a vault.
     *
     * @param settings of the server beside the usual ones
     */
    public static TestVault start(int version, Map<String, String> settings) {
        PostgresServer.Builder builder =
                PostgresServer.builder(version).initialData(deployed(version));
        settings.forEach(builder::setting);
        return new TestVault(builder.start());
    }

    private static synchronized Path deployed(int version) {
        return DEPLOYED.computeIfAbsent(
                version,
                v -> {
                    PostgresServer server = PostgresServer.builder(v).start();
                    server.createDatabase(DATABASE);
                    new VaultDeployer(server.jdbcUrl(DATABASE), PostgresServer.SUPERUSER, () -> "")
                            .deploy();
                    server.execute(
                            DATABASE,
                            "CREATE ROLE pipeline LOGIN PASSWORD 'secret' IN ROLE onevault_writer");
                    // Its folder stays until this process ends.
                    server.stop();
                    return server.directory().resolve("data");
                });
    }

    /** Lets jobs read what people edit: rules, silences, acknowledgements. */
    public void hearRules() throws SQLException {
        execute("ALTER ROLE pipeline REPLICATION");
        try (Connection connection = connect()) {
            CdcSlots.prepare(connection, "onevault_rules", "onevault_rules", RuleTables.HEARD);
        }
    }

    public PostgresServer server() {
        return server;
    }

    public String jdbcUrl() {
        return server.jdbcUrl(DATABASE);
    }

    /** Opens a connection as superuser. */
    public Connection connect() throws SQLException {
        return server.connect(DATABASE);
    }

    public Connection connect(String role, String password) throws SQLException {
        return server.connect(DATABASE, role, password);
    }

    /** Runs statements as superuser, each in its own transaction. */
    public void execute(String... statements) {
        server.execute(DATABASE, statements);
    }

    /** The first column of what {@code sql} finds, "null" for a null. */
    public List<String> texts(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = monitoring, capacity_planning, lock_monitoring");
            try (ResultSet rows = statement.executeQuery(sql)) {
                List<String> texts = new ArrayList<>();
                while (rows.next()) {
                    texts.add(String.valueOf(rows.getString(1)));
                }
                return texts;
            }
        }
    }

    /** The only column of the first row of what {@code sql} finds. */
    public String text(String sql) throws SQLException {
        List<String> texts = texts(sql);
        assertThat(texts).as(sql).isNotEmpty();
        return texts.get(0);
    }

    public long number(String sql) throws SQLException {
        return Long.parseLong(text(sql));
    }

    /** Whether {@code sql} finds a row that says true. */
    public boolean holds(String sql) throws SQLException {
        List<String> texts = texts(sql);
        return !texts.isEmpty() && texts.get(0).equals("t");
    }

    /** Waits until {@code condition} holds, see {@link Until}. */
    public void await(String what, String condition) throws SQLException {
        Until.holds(() -> what + ", alerts are " + alerts(), () -> holds(condition));
    }

    /** Every version of every alert, for messages. */
    public List<String> alerts() {
        try {
            return texts(
                    "SELECT concat_ws(' ', alert_status, alert_message, alert_value,"
                            + " additional_context ->> 'end_reason') FROM"
                            + " monitoring.alert_instance_s ORDER BY load_date");
        } catch (SQLException e) {
            return List.of(e.toString());
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
