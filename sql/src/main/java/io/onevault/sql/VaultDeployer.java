package io.onevault.sql;

import io.onevault.sql.DeployProblems.ServerFacts;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Supplier;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.output.MigrateResult;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Creates the vault in a database, or brings it to this program's version, and makes partitions for
 * the months around now.
 *
 * <p>All pending migrations run in one transaction: either the vault is at the new version or it is
 * as it was. Deploying again changes nothing. Two deployments at once take turns. What is in the
 * way is a {@link DeployException} with one sentence.
 *
 * <p>A database that already holds One Vault's {@code util} and {@code auth} schemas keeps them;
 * see the migrations {@code V001} and {@code V002}.
 */
public final class VaultDeployer {

    /** The oldest server, as {@code server_version_num}. */
    static final int OLDEST_SERVER_VERSION = 140_000;

    private static final String MIGRATIONS = "classpath:io/onevault/sql/migration";
    private static final String HISTORY_SCHEMA = "util";
    private static final String HISTORY_TABLE = "flyway_schema_history";
    private static final int CONNECT_TIMEOUT_SECONDS = 10;

    private final String jdbcUrl;
    private final String user;
    private final Supplier<String> password;

    /**
     * @param jdbcUrl of the vault's database, {@code jdbc:postgresql://host:port/database}
     * @param user a superuser, or a role with CREATE on the database and CREATEROLE; it will own
     *     the vault
     * @param password asked when a connection is made; empty for none
     */
    public VaultDeployer(String jdbcUrl, String user, Supplier<String> password) {
        this.jdbcUrl = jdbcUrl;
        this.user = user;
        this.password = password;
    }

    /**
     * Deploys and says what was done.
     *
     * @throws DeployException when the vault could not be deployed; then nothing was
     */
    public DeployReport deploy() {
        PGSimpleDataSource database = dataSource();
        String address = address(database);
        try (Connection connection = connect(database, address)) {
            ServerFacts server = facts(connection);
            String unsuitable = DeployProblems.unsuitable(server, address, user);
            if (unsuitable != null) {
                throw new DeployException(unsuitable);
            }
            waitForOtherDeployments(connection);
            MigrateResult migrated = migrate(database, address, connection);
            int partitions = createPartitions(connection);
            return new DeployReport(
                    server.database(),
                    server.version(),
                    versionBefore(migrated),
                    String.valueOf(currentVersion(flyway(database, false), address)),
                    migrated.migrations.stream()
                            .map(
                                    m ->
                                            new DeployReport.Migration(
                                                    m.version == null ? "" : m.version,
                                                    m.description,
                                                    m.executionTime))
                            .toList(),
                    partitions,
                    warnings(connection));
        } catch (SQLException e) {
            throw DeployProblems.deploying(e, address);
        }
    }

    private PGSimpleDataSource dataSource() {
        PGSimpleDataSource database = new PGSimpleDataSource();
        try {
            database.setUrl(jdbcUrl);
        } catch (IllegalArgumentException e) {
            // The driver's message would quote the URL, in which people put passwords.
            throw new DeployException(
                    "the vault's JDBC URL is malformed: write"
                            + " jdbc:postgresql://host:port/database");
        }
        database.setUser(user);
        database.setPassword(password.get());
        database.setApplicationName("onevault-deploy");
        database.setConnectTimeout(CONNECT_TIMEOUT_SECONDS);
        database.setTcpKeepAlive(true);
        return database;
    }

    private static String address(PGSimpleDataSource database) {
        String host = database.getServerNames()[0];
        int port = database.getPortNumbers()[0];
        return "%s:%d/%s".formatted(host, port == 0 ? 5432 : port, database.getDatabaseName());
    }

    private Connection connect(PGSimpleDataSource database, String address) {
        try {
            return database.getConnection();
        } catch (SQLException e) {
            throw DeployProblems.connecting(e, address, user);
        }
    }

    private static ServerFacts facts(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                """
                                SELECT current_database(),
                                       current_setting('server_version'),
                                       current_setting('server_version_num')::int,
                                       pg_is_in_recovery(),
                                       current_setting('server_encoding'),
                                       has_database_privilege(current_database(), 'CREATE'),
                                       (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user),
                                       (SELECT count(*) = 4 FROM pg_roles
                                        WHERE rolname IN ('onevault_collector', 'onevault_writer',
                                                          'onevault_reader', 'onevault_admin'))
                                """)) {
            row.next();
            return new ServerFacts(
                    row.getString(1),
                    row.getString(2),
                    row.getInt(3),
                    row.getBoolean(4),
                    row.getString(5),
                    row.getBoolean(6),
                    row.getBoolean(7),
                    row.getBoolean(8));
        }
    }

    /** Held until the connection closes. */
    private static void waitForOtherDeployments(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '60s'");
            statement.execute("SELECT pg_advisory_lock(hashtext('onevault'), hashtext('deploy'))");
        }
    }

    private MigrateResult migrate(
            PGSimpleDataSource database, String address, Connection connection)
            throws SQLException {
        boolean first = !exists(connection, "to_regclass('util." + HISTORY_TABLE + "')");
        boolean ownSchema = !exists(connection, "to_regnamespace('" + HISTORY_SCHEMA + "')");
        // A platform's util schema is not empty; version 0 marks that it was there before.
        Flyway flyway = flyway(database, first && !ownSchema);
        refuseNewerVault(flyway, address);
        try {
            return flyway.migrate();
        } catch (FlywayValidateException e) {
            throw new DeployException(
                    ("the vault on %s was made by migrations other than this program's: deploy with"
                                    + " the release that made it, or a later one")
                            .formatted(address));
        } catch (FlywayException e) {
            if (first) {
                removeEmptyHistory(connection, ownSchema);
            }
            SQLException cause = sqlCause(e);
            if (cause == null) {
                throw new DeployException(
                        "the vault on %s was not deployed: %s; see the debug log"
                                .formatted(address, e.getClass().getSimpleName()));
            }
            throw DeployProblems.deploying(cause, address);
        }
    }

    /**
     * Flyway makes its history before the migrations' transaction; a failed one must not leave it.
     */
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

    private static Flyway flyway(PGSimpleDataSource database, boolean besideOtherObjects) {
        FluentConfiguration configuration =
                Flyway.configure(VaultDeployer.class.getClassLoader())
                        .loggers(QuietFlywayLog.class.getName())
                        .dataSource(database)
                        .locations(MIGRATIONS)
                        .failOnMissingLocations(true)
                        .schemas(HISTORY_SCHEMA)
                        .table(HISTORY_TABLE)
                        .createSchemas(true)
                        .group(true)
                        .cleanDisabled(true)
                        // A change that waits for a lock makes everyone queue behind it.
                        .initSql("SET lock_timeout = '10s'")
                        .placeholderReplacement(false);
        if (besideOtherObjects) {
            configuration.baselineOnMigrate(true).baselineVersion("0");
        }
        return configuration.load();
    }

    private static void refuseNewerVault(Flyway flyway, String address) {
        MigrationVersion newest = MigrationVersion.EMPTY;
        for (MigrationInfo migration : info(flyway, address)) {
            if (migration.getVersion() != null && migration.getState().isResolved()) {
                newest = max(newest, migration.getVersion());
            }
        }
        MigrationVersion current = currentVersion(flyway, address);
        if (current != null && current.compareTo(newest) > 0) {
            throw new DeployException(
                    "the vault on %s is at version %s, newer than this program's %s: use a newer release"
                            .formatted(address, current, newest));
        }
    }

    private static MigrationVersion max(MigrationVersion a, MigrationVersion b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static MigrationInfo[] info(Flyway flyway, String address) {
        try {
            return flyway.info().all();
        } catch (FlywayException e) {
            SQLException cause = sqlCause(e);
            throw cause == null
                    ? new DeployException(
                            "the vault's history on %s cannot be read: see the debug log"
                                    .formatted(address))
                    : DeployProblems.deploying(cause, address);
        }
    }

    private static @Nullable MigrationVersion currentVersion(Flyway flyway, String address) {
        MigrationVersion current = null;
        for (MigrationInfo migration : info(flyway, address)) {
            if (migration.getVersion() != null && migration.getState().isApplied()) {
                current =
                        current == null
                                ? migration.getVersion()
                                : max(current, migration.getVersion());
            }
        }
        return current;
    }

    private static String versionBefore(MigrateResult migrated) {
        String version = migrated.initialSchemaVersion;
        return version == null || version.equals("0") ? "" : version;
    }

    private static int createPartitions(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT util.create_partitions()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /**
     * Only a superuser, or a role with the admin option, can make a role a member of pg_monitor.
     */
    private static List<String> warnings(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT pg_has_role('onevault_collector', 'pg_monitor',"
                                        + " 'MEMBER')")) {
            row.next();
            return row.getBoolean(1)
                    ? List.of()
                    : List.of(
                            "role onevault_collector lacks pg_monitor: as superuser run GRANT"
                                    + " pg_monitor TO onevault_collector");
        }
    }

    private static @Nullable SQLException sqlCause(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }

    /** Without the URL's parameters and the password. */
    @Override
    public String toString() {
        return "VaultDeployer[user=" + user + "]";
    }
}
