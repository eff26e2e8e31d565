package io.onevault.embedded.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL server process on a loopback port of its own, which a test or the demo may stop,
 * restart on the same port and data, or crash.
 *
 * <p>The superuser is {@value #SUPERUSER}, without a password on loopback. The server starts with
 * {@code wal_level=logical} and {@code pg_stat_statements} loaded, as a monitored production server
 * would. {@code fsync} is off: a crash of the server is survived, a crash of the machine is not.
 *
 * <p>Temporary servers of one version share unpacked binaries and begin with copies of one data
 * directory, so they have the same system identifier. What still runs when the process ends is
 * stopped then.
 *
 * <p>Not thread-safe.
 */
public final class PostgresServer implements AutoCloseable {

    /** Every major version the product serves, oldest first. */
    public static final List<Integer> SUPPORTED_VERSIONS = List.of(14, 15, 16, 17, 18);

    /** The newest supported version, taken where the version does not matter. */
    public static final int LATEST_VERSION = 18;

    /** The bootstrap superuser. */
    public static final String SUPERUSER = "postgres";

    private static final Duration STARTUP_LIMIT = Duration.ofSeconds(60);
    private static final long STOP_SECONDS = 60;

    private final int majorVersion;
    private final Path directory;
    private final boolean temporary;
    private final Path binaries;
    private final PgBinaryResolver resolver;
    private final int port;
    private final Map<String, String> settings;
    private @Nullable EmbeddedPostgres running;

    private PostgresServer(Builder builder) {
        this.majorVersion = builder.majorVersion;
        this.settings = new LinkedHashMap<>(builder.settings);
        try {
            Path chosen = builder.directory;
            this.temporary = chosen == null;
            if (chosen == null) {
                ServerTemplate template = ServerTemplate.of(majorVersion);
                this.binaries = template.binaries();
                this.resolver = template.resolver();
                this.directory = Files.createTempDirectory("onevault-postgres-");
                Folders.deleteAtExit(directory);
                Path initial = builder.initialData;
                Folders.copy(
                        initial == null ? template.data() : initial, directory.resolve("data"));
            } else {
                this.directory = Files.createDirectories(chosen);
                this.binaries = chosen.resolve("bin");
                this.resolver = (system, hardware) -> binaries(majorVersion);
            }
            this.port = builder.port == 0 ? freePort() : builder.port;
            start();
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL " + majorVersion + " did not start", e);
        }
    }

    /** Prepares a server of {@code majorVersion}, one of {@link #SUPPORTED_VERSIONS}. */
    public static Builder builder(int majorVersion) {
        return new Builder(majorVersion);
    }

    /** Starts a server of the latest version with default settings. */
    public static PostgresServer startLatest() {
        return builder(LATEST_VERSION).start();
    }

    public int majorVersion() {
        return majorVersion;
    }

    public int port() {
        return port;
    }

    /** The folder of this server, {@code data} below it being the data directory. */
    public Path directory() {
        return directory;
    }

    /** A JDBC URL without user or password. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** Opens a connection as superuser to {@code database}; the caller closes it. */
    public Connection connect(String database) throws SQLException {
        return connect(database, SUPERUSER, "");
    }

    /** Opens a connection as {@code user}; the caller closes it. */
    public Connection connect(String database, String user, String password) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), user, password);
    }

    /** Runs statements as superuser, each in its own transaction. */
    public void execute(String database, String... statements) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot prepare database " + database, e);
        }
    }

    /** Creates an empty database. */
    public void createDatabase(String name) {
        execute("postgres", "CREATE DATABASE \"" + name + "\"");
    }

    /** Starts the server again on its port and data; does nothing when it is running. */
    public void start() {
        if (running != null) {
            return;
        }
        EmbeddedPostgres.Builder builder =
                EmbeddedPostgres.builder()
                        .setDataDirectory(directory.resolve("data"))
                        .setCleanDataDirectory(false)
                        .setOverrideWorkingDirectory(binaries.toFile())
                        .setPgBinaryResolver(resolver)
                        .setRegisterShutdownHook(false)
                        .setPGStartupWait(STARTUP_LIMIT)
                        .setPort(port)
                        .setOutputRedirector(
                                ProcessBuilder.Redirect.appendTo(
                                        directory.resolve("server.log").toFile()))
                        .setErrorRedirector(
                                ProcessBuilder.Redirect.appendTo(
                                        directory.resolve("server.log").toFile()));
        settings.forEach(builder::setServerConfig);
        try {
            running = builder.start();
            Folders.running(this);
        } catch (IOException e) {
            postmaster().ifPresent(ProcessHandle::destroyForcibly);
            throw new UncheckedIOException("PostgreSQL " + majorVersion + " did not start", e);
        }
    }

    /** The server's process while it lives, by the file that it writes. */
    private Optional<ProcessHandle> postmaster() {
        try {
            String file = Files.readString(directory.resolve("data").resolve("postmaster.pid"));
            long pid = Long.parseLong(file.lines().findFirst().orElseThrow().trim());
            return ProcessHandle.of(pid);
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }

    /** Stops the server in fast mode: sessions are ended, data is kept. */
    public void stop() {
        EmbeddedPostgres server = running;
        running = null;
        if (server != null) {
            try {
                server.close();
                // The library gives up after seconds, which a busy machine may need more of.
                Optional<ProcessHandle> postmaster = postmaster();
                if (postmaster.isPresent() && postmaster.get().isAlive()) {
                    postmaster.get().onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("PostgreSQL did not stop", e);
            } catch (ExecutionException | TimeoutException e) {
                throw new IllegalStateException("PostgreSQL did not stop", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Folders.stopped(this);
    }

    /** Stops and starts the server. */
    public void restart() {
        stop();
        start();
    }

    /** Kills the postmaster with SIGKILL, as the kernel's out-of-memory killer would. */
    public void crash() {
        if (running == null) {
            return;
        }
        try {
            ProcessHandle postmaster = postmaster().orElseThrow();
            List<ProcessHandle> backends = postmaster.descendants().toList();
            postmaster.destroyForcibly();
            postmaster.onExit().get(30, TimeUnit.SECONDS);
            for (ProcessHandle backend : backends) {
                backend.onExit().get(30, TimeUnit.SECONDS);
            }
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the server survived SIGKILL", e);
        }
    }

    /** Stops the server and, when its folder was temporary, deletes it. */
    @Override
    public void close() {
        stop();
        if (temporary) {
            try {
                Folders.delete(directory);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot delete " + directory, e);
            }
        }
    }

    static InputStream binaries(int majorVersion) throws IOException {
        InputStream archive = PostgresServer.class.getResourceAsStream(majorVersion + ".jar");
        if (archive == null) {
            throw new IOException("no PostgreSQL " + majorVersion + " binaries on the class path");
        }
        ZipInputStream entries = new ZipInputStream(archive);
        for (ZipEntry e = entries.getNextEntry(); e != null; e = entries.getNextEntry()) {
            if (e.getName().endsWith(".txz")) {
                return entries;
            }
        }
        throw new IOException("the PostgreSQL " + majorVersion + " archive holds no binaries");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Collects what a server starts with. */
    public static final class Builder {
        private final int majorVersion;
        private final Map<String, String> settings = new LinkedHashMap<>();
        private @Nullable Path directory;
        private @Nullable Path initialData;
        private int port;

        private Builder(int majorVersion) {
            if (!SUPPORTED_VERSIONS.contains(majorVersion)) {
                throw new IllegalArgumentException("no embedded PostgreSQL " + majorVersion);
            }
            this.majorVersion = majorVersion;
            settings.put("listen_addresses", "127.0.0.1");
            settings.put("unix_socket_directories", "");
            settings.put("wal_level", "logical");
            settings.put("shared_preload_libraries", "pg_stat_statements");
            settings.put("max_connections", "200");
            // The library turns it off; a commit must survive crash().
            settings.put("synchronous_commit", "on");
        }

        /** Sets a server parameter, as {@code -c name=value} would. Default: see the class. */
        public Builder setting(String name, String value) {
            settings.put(name, value);
            return this;
        }

        /** Keeps binaries and data in {@code path} after close. Default: a temporary folder. */
        public Builder directory(Path path) {
            this.directory = path;
            return this;
        }

        /**
         * Begins a temporary server with a copy of {@code data}, the data directory of a stopped
         * server of the same version. Default: an empty server.
         */
        public Builder initialData(Path data) {
            this.initialData = data;
            return this;
        }

        /** Listens on {@code port}. Default: a free port. */
        public Builder port(int number) {
            this.port = number;
            return this;
        }

        public PostgresServer start() {
            return new PostgresServer(this);
        }
    }
}
