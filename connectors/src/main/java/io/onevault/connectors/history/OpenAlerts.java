package io.onevault.connectors.history;

import io.onevault.connectors.target.Backoff;
import io.onevault.connectors.target.Handover;
import io.onevault.connectors.target.ServerFailure;
import io.onevault.connectors.vault.VaultOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the open alerts of some targets from the vault, once. A vault that is away, or was deployed
 * by an older release, is asked again with growing pauses; nobody else waits meanwhile.
 */
final class OpenAlerts implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(OpenAlerts.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final int FETCHED_ROWS = 1_000;

    private final VaultOptions vault;
    private final List<String> targets;
    private final Handover<RememberedAlert> out;

    /**
     * @param targets their configured names
     * @param out closed when nobody wants them any longer
     */
    OpenAlerts(VaultOptions vault, List<String> targets, Handover<RememberedAlert> out) {
        this.vault = vault;
        this.targets = targets;
        this.out = out;
    }

    @Override
    public void run() {
        Backoff backoff = new Backoff(new Random(), FIRST_PAUSE, LONGEST_PAUSE);
        try {
            while (!isRead(backoff.isFailing())) {
                Thread.sleep(backoff.failed());
            }
        } catch (InterruptedException e) {
            // The job ends.
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            out.fail(e);
        }
    }

    private boolean isRead(boolean again) throws InterruptedException {
        try (Connection connection = connect()) {
            // Without these the driver would hold the whole result.
            connection.setAutoCommit(false);
            read(connection);
            return true;
        } catch (SQLException e) {
            if (!again) {
                LOG.warn(
                        "Open alerts cannot be read from the vault yet, trying again: {}",
                        ServerFailure.text(e));
            }
            return false;
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", vault.user());
        properties.setProperty("password", vault.password().reveal());
        properties.setProperty("ApplicationName", "onevault-open-alerts");
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("socketTimeout", "300");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("readOnly", "true");
        properties.setProperty("options", "-c statement_timeout=4min -c lock_timeout=20s");
        Connection connection = new Driver().connect(vault.url(), properties);
        if (connection == null) {
            throw new SQLException("the vault's url is none of PostgreSQL");
        }
        return connection;
    }

    private void read(Connection connection) throws SQLException, InterruptedException {
        try (PreparedStatement statement = connection.prepareStatement(query())) {
            statement.setFetchSize(FETCHED_ROWS);
            statement.setArray(1, connection.createArrayOf("text", targets.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                boolean wanted = true;
                while (wanted && rows.next()) {
                    wanted = out.put(alert(rows));
                }
            }
        }
    }

    private static String query() {
        try (InputStream file = OpenAlerts.class.getResourceAsStream("open_alerts.sql")) {
            if (file == null) {
                throw new IllegalStateException("open_alerts.sql is not in the jar");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RememberedAlert alert(ResultSet row) throws SQLException {
        return new RememberedAlert(
                row.getString("alert_instance_bk"),
                row.getString("rule_key"),
                text(row, "rule_name"),
                row.getLong("rule_version"),
                row.getString("series"),
                text(row, "unit"),
                text(row, "group_key"),
                row.getString("alert_status"),
                row.getString("alert_severity"),
                number(row, "alert_value"),
                number(row, "threshold_value"),
                row.getString("alert_message"),
                row.getLong("pending_since"),
                row.getLong("fired_at"),
                row.getLong("acknowledged_at"),
                text(row, "acknowledged_by"),
                row.getLong("suppressed_at"),
                text(row, "suppressed_by"),
                row.getLong("resolved_at"),
                text(row, "end_reason"),
                row.getBoolean("flapping"),
                row.getBoolean("was_told"),
                row.getLong("at"),
                row.getLong("note_row"),
                row.getLong("note_until"),
                text(row, "note_by"),
                row.getBoolean("note_heard"),
                text(row, "matter"),
                texts(row, "channels"),
                incident(row));
    }

    private static @Nullable RememberedIncident incident(ResultSet row) throws SQLException {
        String key = row.getString("incident_bk");
        if (key == null) {
            return null;
        }
        return new RememberedIncident(
                key,
                text(row, "incident_target"),
                row.getString("incident_title"),
                row.getString("incident_severity"),
                row.getLong("opened_at"),
                row.getLong("incident_acknowledged_at"),
                row.getInt("incident_over"),
                row.getInt("incident_explained"),
                text(row, "root_hash"),
                text(row, "root_cause"),
                row.getLong("incident_at"));
    }

    private static String text(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNullElse(row.getString(column), "");
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        Array array = row.getArray(column);
        return array == null ? List.of() : List.of((String[]) array.getArray());
    }

    private static double number(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? Double.NaN : value;
    }
}
