package io.onevault.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.onevault.embedded.postgres.PostgresServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy} and {@code validate} against a real server. */
class ValidateIT {

    private static final String SECRET = "s3cr3t-Zq9";

    private static PostgresServer server;

    @TempDir private Path folder;

    private record Ended(int code, String out, String err) {}

    @BeforeAll
    static void startServerThatAsksForPasswords() throws Exception {
        server = PostgresServer.startLatest();
        server.execute(
                "postgres",
                "CREATE ROLE watcher LOGIN PASSWORD '" + SECRET + "' IN ROLE pg_monitor",
                "CREATE ROLE stranger LOGIN PASSWORD '" + SECRET + "'",
                "CREATE ROLE writer LOGIN PASSWORD '" + SECRET + "'",
                "CREATE EXTENSION pg_stat_statements");
        server.createDatabase("vault");
        server.createDatabase("empty");
        server.createDatabase("bare");
        Path rules = server.directory().resolve("data").resolve("pg_hba.conf");
        Files.writeString(
                rules,
                "host all postgres 127.0.0.1/32 trust\n"
                        + "host all nobody 127.0.0.1/32 reject\n"
                        + "host all all 127.0.0.1/32 scram-sha-256\n");
        server.execute("postgres", "SELECT pg_reload_conf()");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everythingWrongWithTheServersIsNamedAtOnce() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        Ended ended =
                validate(
                        """
                        vault: {url: "%1$sempty", user: writer, password: %2$s, rules: {enabled: false}}
                        targets:
                          - {name: wrong-password, url: "%1$spostgres", user: watcher, password: not-%2$s}
                          - {name: no-password, url: "%1$spostgres", user: watcher}
                          - {name: no-privilege, url: "%1$spostgres", user: stranger, password: %2$s}
                          - {name: no-extension, url: "%1$sbare", user: watcher, password: %2$s}
                          - {name: no-database, url: "%1$snothing", user: watcher, password: %2$s}
                          - {name: refused, url: "jdbc:postgresql://127.0.0.1:%3$d/x", user: watcher}
                          - {name: unknown, url: "jdbc:postgresql://no-such-host.invalid/x", user: watcher}
                          - {name: no-tls, url: "%1$spostgres?sslmode=require", user: watcher, password: %2$s}
                          - {name: rejected, url: "%1$spostgres", user: nobody, password: %2$s}
                          - {name: no-bouncer, kind: pgbouncer, url: "%1$spostgres", user: watcher, password: %2$s}
                          - {name: good, url: "%1$spostgres", user: watcher, password: %2$s}
                        locks: {log: false}
                        """
                                .formatted(server.jdbcUrl(""), SECRET, closed));

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).doesNotContain(SECRET).doesNotContain("\tat ");
        assertThat(ended.err().lines())
                .satisfiesExactly(
                        line -> says(line, "Warning: ", "does not see states", "GRANT pg_monitor"),
                        line -> says(line, "vault.url", "holds no vault; run ./onevault deploy"),
                        line -> says(line, "targets[0].password \"******\" is refused", "correct"),
                        line -> says(line, "targets[1].password is missing", "set it"),
                        line -> says(line, "targets[2].user", "GRANT pg_monitor TO \"stranger\""),
                        line -> says(line, "targets[3].url", "CREATE EXTENSION pg_stat_statements"),
                        line -> says(line, "targets[4].url", "a database that does not exist"),
                        line -> says(line, "targets[5].url", "refuses the connection"),
                        line -> says(line, "targets[6].url", "a host that is not known"),
                        line -> says(line, "targets[7].url", "TLS"),
                        line -> says(line, "targets[8].user", "is not let in"),
                        line -> says(line, "targets[9].url", "not the admin console"));
    }

    @Test
    void aDeployedVaultIsValidOnceItsUserMayWrite() throws Exception {
        String config =
                """
                vault: {url: "%1$s", user: writer, password: %2$s, admin_user: postgres}
                targets:
                  - {name: good, url: "%3$s", user: watcher, password: %2$s}
                locks: {log: false}
                """
                        .formatted(server.jdbcUrl("vault"), SECRET, server.jdbcUrl("postgres"));
        Ended deployed = run("deploy", config);
        assertThat(deployed.err()).isEmpty();
        assertThat(deployed.code()).isZero();
        assertThat(deployed.out())
                .contains("is new, at version")
                .contains("are kept for slot onevault_rules, which is new");
        assertThat(run("deploy", config).out()).contains("already").doesNotContain("which is new");

        Ended unprivileged = validate(config);
        assertThat(unprivileged.code()).isEqualTo(2);
        assertThat(unprivileged.err())
                .contains("GRANT onevault_writer TO \"writer\"")
                .contains("vault.rules.user", "ALTER ROLE \"writer\" REPLICATION")
                .contains("monitoring.alert_configuration_s", "may not be read by user writer");

        server.execute("vault", "GRANT onevault_writer TO writer", "ALTER ROLE writer REPLICATION");
        Ended valid = validate(config);
        assertThat(valid.err())
                .startsWith("Warning: ")
                .contains("max_slot_wal_keep_size")
                .hasLineCount(1);
        assertThat(valid.code()).isZero();
        assertThat(valid.out()).contains("is valid");

        server.execute(
                "vault",
                "GRANT SELECT ON util.flyway_schema_history TO writer",
                "DELETE FROM util.flyway_schema_history WHERE version > '003'");
        assertThat(validate(config).err())
                .contains("holds an older vault, without the migrations 004, 005");
    }

    @Test
    void pgBouncersConsoleIsChecked() throws Exception {
        Optional<Path> binary =
                Stream.of("/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer")
                        .map(Path::of)
                        .filter(Files::isExecutable)
                        .findFirst();
        assumeTrue(binary.isPresent(), "pgbouncer is not installed");
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Process bouncer = bouncer(binary.get(), port);
        try {
            Ended ended =
                    validate(
                            """
                            vault: {url: "%1$sempty", user: postgres, rules: {enabled: false}}
                            targets:
                              - {name: good, kind: pgbouncer, url: "%2$spgbouncer", user: stats}
                              - {name: not-stats, kind: pgbouncer, url: "%2$spgbouncer", user: guest}
                              - {name: no-console, kind: pgbouncer, url: "%2$snothing", user: stats}
                              - {name: unknown, kind: pgbouncer, url: "%2$spgbouncer", user: nobody}
                            """
                                    .formatted(
                                            server.jdbcUrl(""),
                                            "jdbc:postgresql://127.0.0.1:" + port + "/"));
            assertThat(ended.err().lines())
                    .satisfiesExactly(
                            line -> says(line, "vault.url", "holds no vault"),
                            line -> says(line, "targets[1].user", "add it to stats_users"),
                            line -> says(line, "targets[2].user", "use the database pgbouncer"),
                            line -> says(line, "targets[3].user", "PgBouncer's auth_file"));
        } finally {
            bouncer.destroy();
            bouncer.waitFor(10, TimeUnit.SECONDS);
        }
    }

    /** A bouncer that answers at {@code port}. */
    private Process bouncer(Path binary, int port) throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "\"stats\" \"\"\n\"guest\" \"\"\n");
        Path settings =
                Files.writeString(
                        folder.resolve("pgbouncer.ini"),
                        """
                        [pgbouncer]
                        listen_addr = 127.0.0.1
                        listen_port = %d
                        unix_socket_dir =
                        auth_type = trust
                        auth_file = %s
                        stats_users = stats
                        ignore_startup_parameters = extra_float_digits
                        """
                                .formatted(port, users));
        for (Path file : List.of(users, settings, folder)) {
            file.toFile().setReadable(true, false);
            file.toFile().setExecutable(true, false);
        }
        ProcessBuilder command = new ProcessBuilder(binary.toString());
        if (System.getProperty("user.name").equals("root")) {
            // It refuses to run as root.
            command.command().addAll(List.of("-u", "nobody"));
        }
        command.command().add(settings.toString());
        Process bouncer =
                command.redirectErrorStream(true)
                        .redirectOutput(folder.resolve("out").toFile())
                        .start();
        for (long end = System.nanoTime() + 10_000_000_000L; System.nanoTime() < end; ) {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return bouncer;
            } catch (ConnectException e) {
                Thread.onSpinWait();
            }
        }
        throw new IllegalStateException("PgBouncer did not start");
    }

    private static void says(String line, String... parts) {
        assertThat(line).contains(parts);
    }

    private Ended validate(String yaml) throws Exception {
        return run("validate", yaml);
    }

    private Ended run(String command, String yaml) throws Exception {
        Path file = Files.writeString(folder.resolve("onevault.yaml"), yaml);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                OneVault.run(
                        new PrintWriter(out),
                        new PrintWriter(err),
                        name -> null,
                        command,
                        "--config",
                        file.toString());
        return new Ended(code, out.toString(), err.toString());
    }
}
