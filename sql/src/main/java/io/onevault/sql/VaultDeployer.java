package io.onevault.sql;

import io.onevault.sql.DeployProblems.ServerFacts;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
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

    private static final int CONNECT_TIMEOUT_SECONDS = 10;

    private final String jdbcUrl;
    private final String user;
    private final Supplier<String> password;
    private final RuleProfile profile;
    private final @Nullable List<NotificationChannel> channels;

    /**
     * Of which the default rules are for production, and channels are left as they are.
     *
     * @param jdbcUrl of the vault's database, {@code jdbc:postgresql://host:port/database}
     * @param user a superuser, or a role with CREATE on the database and CREATEROLE; it will own
     *     the vault
     * @param password asked when a connection is made; empty for none
     */
    public VaultDeployer(String jdbcUrl, String user, Supplier<String> password) {
        this(jdbcUrl, user, password, RuleProfile.PRODUCTION, null);
    }

    private VaultDeployer(
            String jdbcUrl,
            String user,
            Supplier<String> password,
            RuleProfile profile,
            @Nullable List<NotificationChannel> channels) {
        this.jdbcUrl = jdbcUrl;
        this.user = user;
        this.password = password;
        this.profile = profile;
        this.channels = channels;
    }

    /** The same, with new default rules as such an environment wants them. */
    public VaultDeployer withProfile(RuleProfile wanted) {
        return new VaultDeployer(jdbcUrl, user, password, wanted, channels);
    }

    /** The same, which also writes down where notifications can go: these, and no others. */
    public VaultDeployer withChannels(List<NotificationChannel> configured) {
        return new VaultDeployer(jdbcUrl, user, password, profile, List.copyOf(configured));
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
            Migrations migrations = new Migrations(database, address);
            String before = migrations.currentVersion();
            List<DeployReport.Migration> applied = migrations.apply(connection);
            int partitions = createPartitions(connection);
            DefaultAlertRules.install(connection, profile);
            if (channels != null) {
                ChannelRegister.write(connection, channels);
            }
            int expired = dropExpired(connection);
            return new DeployReport(
                    server.database(),
                    server.version(),
                    before,
                    migrations.currentVersion(),
                    applied,
                    partitions,
                    expired,
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

    /** Held until the connection closes, as is the right to write what is configured. */
    private static void waitForOtherDeployments(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET onevault.deploying = 'on'");
            statement.execute("SET lock_timeout = '60s'");
            statement.execute("SELECT pg_advisory_lock(hashtext('onevault'), hashtext('deploy'))");
        }
    }

    private static int createPartitions(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT util.create_partitions()")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static int dropExpired(Connection connection) throws SQLException {
        return new PartitionMaintenance().dropExpired(connection, Instant.now()).dropped().size();
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

    /** Without the URL's parameters and the password. */
    @Override
    public String toString() {
        return "VaultDeployer[user=" + user + "]";
    }
}
