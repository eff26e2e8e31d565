package io.onevault.jobs.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.postgresql.PGProperty;

/**
 * A real PgBouncer in front of a server's database {@code postgres}, as {@value #DATABASE}: one
 * server connection for each user, given back after each transaction. {@code collector} may read
 * its statistics, {@code operator} command it.
 */
public final class PgBouncer implements AutoCloseable {

    public static final String DATABASE = "shop";

    private static final String CONSOLE = "pgbouncer";

    private final Process process;
    private final int port;

    private PgBouncer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Where it is installed, if it is. */
    public static Optional<Path> binary() {
        return Stream.of("/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts it and waits until it answers.
     *
     * @param folder for its files, directly below the folder for temporary files; any user may look
     *     into it afterwards
     */
    public static PgBouncer start(Path binary, Path folder, PostgresServer server)
            throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Path users =
                Files.writeString(
                        folder.resolve("users.txt"), "\"collector\" \"\"\n\"operator\" \"\"\n");
        Path configuration =
                Files.writeString(
                        folder.resolve("pgbouncer.ini"),
                        """
                        [databases]
                        %s = host=127.0.0.1 port=%d dbname=postgres pool_size=1
                        [pgbouncer]
                        listen_addr = 127.0.0.1
                        listen_port = %d
                        unix_socket_dir =
                        auth_type = trust
                        auth_file = %s
                        stats_users = collector
                        admin_users = operator
                        pool_mode = transaction
                        ignore_startup_parameters = extra_float_digits
                        logfile = %s
                        """
                                .formatted(
                                        DATABASE,
                                        server.port(),
                                        port,
                                        users,
                                        folder.resolve("bouncer.log")));
        for (Path file : List.of(users, configuration, folder)) {
            file.toFile().setReadable(true, false);
            file.toFile().setExecutable(true, false);
            file.toFile().setWritable(true, false);
        }
        ProcessBuilder command = new ProcessBuilder(binary.toString());
        if (System.getProperty("user.name").equals("root")) {
            // It refuses to run as root.
            command.command().addAll(List.of("-u", "nobody"));
        }
        command.command().add(configuration.toString());
        PgBouncer bouncer =
                new PgBouncer(
                        command.redirectErrorStream(true)
                                .redirectOutput(folder.resolve("out").toFile())
                                .start(),
                        port);
        Until.holds("PgBouncer to answer", bouncer::answers);
        return bouncer;
    }

    private boolean answers() {
        assertThat(process.isAlive()).as("PgBouncer runs").isTrue();
        try (Connection client = connect()) {
            return client.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    /** A client of {@value #DATABASE}. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(DATABASE), "collector", "");
    }

    /** Of the admin console, for the collector. */
    public String consoleUrl() {
        return jdbcUrl(CONSOLE);
    }

    private String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** Runs {@code command} in the admin console. */
    public void command(String command) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, "operator");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        // The console refuses the SET that the driver begins with unless this has a value.
        PGProperty.REPLICATION.set(properties, "false");
        try (Connection console = DriverManager.getConnection(consoleUrl(), properties);
                Statement statement = console.createStatement()) {
            statement.execute(command);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
