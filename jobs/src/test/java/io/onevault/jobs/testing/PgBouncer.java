package io.onevault.jobs.testing;

import static org.assertj.core.api.Assertions.assertThat;

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
 * A real PgBouncer before one database, where one is installed. It lets users in without a
 * password, opens one server connection for each and keeps it for a transaction. {@code operator}
 * commands it.
 */
public final class PgBouncer implements AutoCloseable {

    private static final String OPERATOR = "operator";

    private final Process process;
    private final int port;
    private final String database;

    private PgBouncer(Process process, int port, String database) {
        this.process = process;
        this.port = port;
        this.database = database;
    }

    /** Its program; empty where it is not installed. */
    public static Optional<Path> program() {
        return Stream.of("/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts it and waits until it lets somebody through.
     *
     * @param folder for its files, opened for everybody, as those above it must be
     * @param serverPort of the server behind it, on loopback
     * @param users who may come, the first one to its console too
     */
    public static PgBouncer start(Path folder, int serverPort, String database, List<String> users)
            throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        StringBuilder names = new StringBuilder("\"" + OPERATOR + "\" \"\"\n");
        users.forEach(user -> names.append("\"%s\" \"\"\n".formatted(user)));
        Path list = Files.writeString(folder.resolve("users.txt"), names);
        Path configuration =
                Files.writeString(
                        folder.resolve("pgbouncer.ini"),
                        """
                        [databases]
                        %1$s = host=127.0.0.1 port=%2$d dbname=%1$s pool_size=1
                        [pgbouncer]
                        listen_addr = 127.0.0.1
                        listen_port = %3$d
                        unix_socket_dir =
                        auth_type = trust
                        auth_file = %4$s
                        stats_users = %5$s
                        admin_users = %7$s
                        pool_mode = transaction
                        ignore_startup_parameters = extra_float_digits
                        logfile = %6$s
                        """
                                .formatted(
                                        database,
                                        serverPort,
                                        port,
                                        list,
                                        users.get(0),
                                        folder.resolve("bouncer.log"),
                                        OPERATOR));
        for (Path file : List.of(list, configuration, folder)) {
            file.toFile().setReadable(true, false);
            file.toFile().setExecutable(true, false);
            file.toFile().setWritable(true, false);
        }
        ProcessBuilder command =
                new ProcessBuilder(
                        program()
                                .orElseThrow(() -> new IOException("pgbouncer is not installed"))
                                .toString());
        if (System.getProperty("user.name").equals("root")) {
            // It refuses to run as root.
            command.command().addAll(List.of("-u", "nobody"));
        }
        command.command().add(configuration.toString());
        Process process =
                command.redirectErrorStream(true)
                        .redirectOutput(folder.resolve("out").toFile())
                        .start();
        PgBouncer bouncer = new PgBouncer(process, port, database);
        Until.holds("PgBouncer answers", () -> bouncer.lets(users.get(0)));
        return bouncer;
    }

    private boolean lets(String user) {
        assertThat(process.isAlive()).as("PgBouncer runs").isTrue();
        try (Connection client = connect(user)) {
            return client.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    public Connection connect(String user) throws SQLException {
        return DriverManager.getConnection(url(database), user, "");
    }

    /** Of its console. */
    public String consoleUrl() {
        return url("pgbouncer");
    }

    /** Runs {@code command} in the console. */
    public void command(String command) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, OPERATOR);
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        // The console refuses the SET that the driver begins with unless this has a value.
        PGProperty.REPLICATION.set(properties, "false");
        try (Connection console = DriverManager.getConnection(consoleUrl(), properties);
                Statement statement = console.createStatement()) {
            statement.execute(command);
        }
    }

    private String url(String of) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + of;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
