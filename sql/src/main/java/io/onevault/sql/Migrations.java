package io.onevault.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;

/**
 * The vault's migrations and their history in one database, through Flyway. Failures are {@link
 * DeployException}s.
 */
final class Migrations {

    private static final String LOCATION = "classpath:io/onevault/sql/migration";
    private static final String HISTORY_SCHEMA = "util";
    private static final String HISTORY_TABLE = "flyway_schema_history";

    /** Marks what was in schema util before the first migration. */
    private static final MigrationVersion BASELINE = MigrationVersion.fromVersion("0");

    private final DataSource database;
    private final String address;

    /**
     * @param address how messages call the database
     */
    Migrations(DataSource database, String address) {
        this.database = database;
        this.address = address;
    }

    /** The vault's version, empty when there is none. */
    String currentVersion() {
        MigrationVersion current = BASELINE;
        for (MigrationInfo migration : info()) {
            if (migration.getVersion() != null && migration.getState().isApplied()) {
                current = later(current, migration.getVersion());
            }
        }
        return current.equals(BASELINE) ? "" : current.toString();
    }

    /**
     * Applies what is pending, all or nothing.
     *
     * @param connection for looking at the database beside Flyway, in autocommit mode
     * @return what was applied
     */
    List<DeployReport.Migration> apply(Connection connection) throws SQLException {
        refuseNewerVault();
        boolean first = !exists(connection, "to_regclass('util." + HISTORY_TABLE + "')");
        boolean ownSchema = !exists(connection, "to_regnamespace('" + HISTORY_SCHEMA + "')");
        try {
            return flyway(first && !ownSchema).migrate().migrations.stream()
                    .map(
                            m ->
                                    new DeployReport.Migration(
                                            m.version == null ? "" : m.version,
                                            m.description,
                                            m.executionTime))
                    .toList();
        } catch (FlywayValidateException e) {
            throw new DeployException(
                    ("the vault on %s was made by migrations other than this program's: deploy with"
                                    + " the release that made it, or a later one")
                            .formatted(address));
        } catch (FlywayException e) {
            if (first) {
                removeEmptyHistory(connection, ownSchema);
            }
            throw problem(e);
        }
    }

    private void refuseNewerVault() {
        MigrationVersion known = BASELINE;
        MigrationVersion current = BASELINE;
        for (MigrationInfo migration : info()) {
            if (migration.getVersion() != null) {
                known =
                        migration.getState().isResolved()
                                ? later(known, migration.getVersion())
                                : known;
                current =
                        migration.getState().isApplied()
                                ? later(current, migration.getVersion())
                                : current;
            }
        }
        if (current.compareTo(known) > 0) {
            throw new DeployException(
                    "the vault on %s is at version %s, newer than this program's %s: use a newer release"
                            .formatted(address, current, known));
        }
    }

    private MigrationInfo[] info() {
        try {
            return flyway(false).info().all();
        } catch (FlywayException e) {
            throw problem(e);
        }
    }

    private Flyway flyway(boolean besideOtherObjects) {
        FluentConfiguration configuration =
                Flyway.configure(Migrations.class.getClassLoader())
                        .loggers(QuietFlywayLog.class.getName())
                        .dataSource(database)
                        .locations(LOCATION)
                        .failOnMissingLocations(true)
                        .schemas(HISTORY_SCHEMA)
                        .table(HISTORY_TABLE)
                        .createSchemas(true)
                        // One transaction for all.
                        .group(true)
                        .cleanDisabled(true)
                        // A change that waits for a lock makes everyone queue behind it.
                        .initSql("SET lock_timeout = '10s'")
                        .placeholderReplacement(false);
        if (besideOtherObjects) {
            // A platform's util schema is not empty, which Flyway accepts only with a baseline.
            configuration.baselineOnMigrate(true).baselineVersion(BASELINE);
        }
        return configuration.load();
    }

    /** Flyway makes its history before the migrations; one that is empty must not stay behind. */
    private static void removeEmptyHistory(Connection connection, boolean withSchema)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS " + HISTORY_SCHEMA + "." + HISTORY_TABLE);
            if (withSchema) {
                statement.execute("DROP SCHEMA IF EXISTS " + HISTORY_SCHEMA);
            }
        }
    }

    private static boolean exists(Connection connection, String lookup) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + lookup + " IS NOT NULL")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static MigrationVersion later(MigrationVersion a, MigrationVersion b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private DeployException problem(FlywayException failure) {
        SQLException cause = sqlCause(failure);
        return cause == null
                ? new DeployException(
                        "the vault on %s was not deployed, Flyway gave up with %s: see the debug log"
                                .formatted(address, failure.getClass().getSimpleName()))
                : DeployProblems.deploying(cause, address);
    }

    private static @Nullable SQLException sqlCause(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }
}
