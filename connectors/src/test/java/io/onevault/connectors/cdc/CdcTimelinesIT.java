package io.onevault.connectors.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.CollectionGap;
import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The server's log goes on under another number: with the same past, or with another. */
class CdcTimelinesIT {

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    private static final Duration CHECKPOINTS = Duration.ofMillis(200);

    @TempDir Path folder;

    @Test
    void readsOnAfterAPromotionAndRefusesAPastThatIsNotItsOwn() throws Exception {
        try (PostgresServer server = PostgresServer.startLatest()) {
            server.createDatabase("lines");
            server.execute("lines", "CREATE TABLE item (id int PRIMARY KEY)");
            CdcJob.prepare(server, "lines", "public.item");
            PostgresCdcSource source = CdcJob.source(server, "lines", "public.item").build();
            String savepoint;
            try (CdcJob job = CdcJob.start(source, CHECKPOINTS)) {
                arrives(server, 1);
                savepoint = job.stop(folder);
            }
            promote(server);
            assertThat(timeline(server)).isEqualTo("00000002");
            try (CdcJob job = CdcJob.restore(source, CHECKPOINTS, savepoint)) {
                arrives(server, 2);
                server.stop();
                copy(server.directory().resolve("data"), folder.resolve("backup"));
                server.start();
                arrives(server, 3);
                savepoint = job.stop(folder);
            }
            server.stop();
            copy(folder.resolve("backup"), server.directory().resolve("data"));
            promote(server);
            assertThat(timeline(server)).isEqualTo("00000003");
            server.execute(
                    "lines",
                    "INSERT INTO item SELECT generate_series(100, 20000)",
                    "SELECT pg_switch_wal()",
                    "INSERT INTO item VALUES (4)");
            try (CdcJob job = CdcJob.restore(source, CHECKPOINTS, savepoint)) {
                assertThat(job).isNotNull();
                Until.holds("the refusal", () -> reasons().contains("SERVER_BEHIND"));
            }
            assertThat(CdcJob.changes().map(change -> CdcJob.text(change.key(), "id")))
                    .containsExactly("1", "2", "3");
        }
    }

    private static void arrives(PostgresServer server, int id) throws Exception {
        server.execute("lines", "INSERT INTO item VALUES (" + id + ")");
        Until.holds("row " + id, () -> CdcJob.changes().count() == id);
        long time = CdcJob.changes().toList().get(id - 1).commitTime();
        Until.holds("a heartbeat after it", () -> CdcJob.watermark() > time);
    }

    private static void promote(PostgresServer server) throws Exception {
        server.stop();
        Files.createFile(server.directory().resolve("data").resolve("standby.signal"));
        server.start();
        server.execute("postgres", "SELECT pg_promote(true, 60)");
    }

    private static String timeline(PostgresServer server) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT pg_walfile_name(pg_current_wal_lsn())")) {
            row.next();
            return row.getString(1).substring(0, 8);
        }
    }

    private static List<String> reasons() {
        return CdcJob.records().stream()
                .map(CdcRecord::gap)
                .filter(Objects::nonNull)
                .map(CollectionGap::reason)
                .toList();
    }

    /** Replaces a folder by a copy of another. */
    private static void copy(Path from, Path to) throws IOException {
        if (Files.exists(to)) {
            Files.move(to, to.resolveSibling("replaced"));
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(from);
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes is)
                            throws IOException {
                        Path made = to.resolve(from.relativize(at));
                        Files.createDirectories(made);
                        Files.setPosixFilePermissions(made, mode);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path at, BasicFileAttributes is)
                            throws IOException {
                        Path made = to.resolve(from.relativize(at));
                        Files.copy(at, made);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
