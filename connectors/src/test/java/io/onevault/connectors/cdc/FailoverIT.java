package io.onevault.connectors.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.FreezingProxy;
import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A primary dies and its standby, to which the slot was synchronised, takes over (17 and newer).
 */
class FailoverIT {

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    private static final String DATABASE = "failover_test";

    @TempDir private Path folder;

    @Test
    void whatTheNewPrimaryHoldsArrivedOnce() throws Exception {
        try (PostgresServer primary =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("wal_keep_size", "256MB")
                        .start()) {
            primary.createDatabase(DATABASE);
            primary.execute(DATABASE, "CREATE TABLE account (id bigint PRIMARY KEY)");
            try (PostgresServer standby = standbyOf(primary);
                    FreezingProxy address = new FreezingProxy(primary.port())) {
                // The log reaches those who decode it only after the standby has it.
                primary.execute(
                        "postgres",
                        "ALTER SYSTEM SET synchronized_standby_slots = 'standby'",
                        "SELECT pg_reload_conf()");
                CdcJob.prepare(primary, DATABASE, "public.account");
                String url = "jdbc:postgresql://127.0.0.1:" + address.port() + "/" + DATABASE;
                AtomicBoolean stop = new AtomicBoolean();
                Thread writer = new Thread(() -> write(url, stop), "failover-writer");
                try (CdcJob job = CdcJob.start(source(url), Duration.ofMillis(300))) {
                    assertThat(job).isNotNull();
                    writer.start();
                    Until.holds("streaming", () -> arrived().size() > 100);
                    Until.holds(
                            "the slot on the standby",
                            () ->
                                    ids(
                                                    standby,
                                                    "postgres",
                                                    "SELECT count(*) FROM pg_replication_slots"
                                                            + " WHERE synced AND NOT temporary AND"
                                                            + " slot_name = '"
                                                            + DATABASE
                                                            + "'")
                                            .contains("1"));
                    primary.crash();
                    standby.execute("postgres", "SELECT pg_promote()");
                    address.redirect(standby.port());
                    int before = arrived().size();
                    Until.holds("streaming again", () -> arrived().size() > before + 100);
                    stop.set(true);
                    writer.join();
                    Set<String> kept = ids(standby, DATABASE, "SELECT id FROM account");
                    Until.holds("all changes", () -> arrived().containsAll(kept));

                    assertThat(new TreeSet<>(arrived())).isEqualTo(kept);
                    assertThat(arrived()).doesNotHaveDuplicates();
                    assertThat(
                                    CdcJob.records().stream()
                                            .map(CdcRecord::gap)
                                            .filter(gap -> gap != null)
                                            .map(gap -> gap.reason()))
                            .containsOnly("UNREACHABLE");
                } finally {
                    stop.set(true);
                    writer.join();
                }
            }
        }
    }

    private static PostgresCdcSource source(String url) {
        return PostgresCdcSource.builder("t", url, "postgres", Secret.NONE)
                .slot(DATABASE)
                .publication(DATABASE)
                .tables(List.of("public.account"))
                .heartbeat(Duration.ofMillis(200))
                .retryDelay(Duration.ofMillis(100))
                .build();
    }

    private static List<String> arrived() {
        return CdcJob.changes().map(change -> CdcJob.text(change.key(), "id")).toList();
    }

    /** One row a transaction, through whatever server the address leads to. */
    private static void write(String url, AtomicBoolean stop) {
        long id = 0;
        while (!stop.get()) {
            try (Connection connection =
                            DriverManager.getConnection(url + "?socketTimeout=10", "postgres", "");
                    PreparedStatement insert =
                            connection.prepareStatement("INSERT INTO account VALUES (?)")) {
                while (!stop.get()) {
                    insert.setLong(1, ++id);
                    insert.execute();
                    LockSupport.parkNanos(2_000_000);
                }
            } catch (SQLException failingOver) {
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    /** A copy of the stopped primary's files, following it once it is started again. */
    private PostgresServer standbyOf(PostgresServer primary) throws IOException {
        primary.stop();
        Path data = folder.resolve("standby").resolve("data");
        Files.createDirectories(data.getParent());
        copy(primary.directory().resolve("data"), data);
        primary.start();
        primary.execute("postgres", "SELECT pg_create_physical_replication_slot('standby', true)");
        Files.createFile(data.resolve("standby.signal"));
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                """
                primary_conninfo = 'host=127.0.0.1 port=%d user=postgres dbname=postgres'
                primary_slot_name = 'standby'
                hot_standby_feedback = on
                sync_replication_slots = on
                """
                        .formatted(primary.port()),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        return PostgresServer.builder(PostgresServer.LATEST_VERSION)
                .directory(folder.resolve("standby"))
                .start();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file)).normalize(),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static Set<String> ids(PostgresServer server, String database, String sql)
            throws SQLException {
        Set<String> ids = new TreeSet<>();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                ids.add(row.getString(1));
            }
        }
        return ids;
    }
}
