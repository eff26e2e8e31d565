package io.onevault.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/**
 * The alert rules that a vault comes with. Each is inserted once and is the people's from then on:
 * one that they changed, switched off or deleted is not touched again.
 */
final class DefaultAlertRules {

    private static final String RULES = "default_alert_rules.sql";

    private DefaultAlertRules() {}

    /**
     * Inserts those that were never there; in one statement, so all or none.
     *
     * @param connection as the vault's owner, with partitions for the present month
     * @param profile what they are made for
     */
    static void install(Connection connection, RuleProfile profile) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET onevault.profile = " + profile.word());
            statement.executeUpdate(sql());
        }
    }

    private static String sql() {
        try (InputStream file =
                Objects.requireNonNull(DefaultAlertRules.class.getResourceAsStream(RULES), RULES)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
