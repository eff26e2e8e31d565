package io.onevault.benchmarks.cdc;

import io.onevault.benchmarks.RunOptions;
import io.onevault.benchmarks.cdc.Arrivals.Passage;
import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/** A server with changes in its log, Flink, and the readers that are compared. */
final class CdcSetting implements AutoCloseable {

    private static final String PEER_SLOT = "peer";

    private final Path folder;
    private final PostgresServer server;
    private final ChangeLog log;
    private final FlinkReader reader;
    private int sections;

    private CdcSetting(Path folder, PostgresServer server, ChangeLog log, FlinkReader reader) {
        this.folder = folder;
        this.server = server;
        this.log = log;
        this.reader = reader;
    }

    static CdcSetting start(RunOptions options) throws Exception {
        options.progress().accept("Starting PostgreSQL and Flink");
        Path folder = Files.createTempDirectory("onevault-cdc");
        PostgresServer server =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        // Slots keep the log anyway; no checkpoint may fall into a round.
                        .setting("max_wal_size", "16GB")
                        .setting("checkpoint_timeout", "1h")
                        .setting("autovacuum", "off")
                        .setting("shared_buffers", "512MB")
                        .start();
        ChangeLog log = ChangeLog.create(server);
        return new CdcSetting(folder, server, log, FlinkReader.start(log, folder));
    }

    ChangeLog log() {
        return log;
    }

    FlinkReader reader() {
        return reader;
    }

    /** Marks the end of the log and writes so many changes behind it. */
    Section write(int changes, boolean atOnce) throws Exception {
        String mark = "mark_" + sections++;
        log.mark(mark);
        String savepoint = reader.savepoint(mark);
        if (atOnce) {
            log.writeAtOnce(changes);
        } else {
            log.writeMixed(changes);
        }
        return new Section(mark, savepoint, changes);
    }

    /** Reads with the engine alone. */
    Passage engine(Section section, Properties settings, int changes) throws Exception {
        log.copy(section.mark(), PEER_SLOT);
        Passage passage = EnginePeer.read(settings, PEER_SLOT, changes);
        log.drop(PEER_SLOT);
        return passage;
    }

    /** Reads the bare stream. */
    Passage stream(Section section, int changes) throws Exception {
        log.copy(section.mark(), PEER_SLOT);
        Passage passage = StreamPeer.read(log, PEER_SLOT, changes);
        log.drop(PEER_SLOT);
        return passage;
    }

    @Override
    public void close() throws Exception {
        try (AutoCloseable cleaning = () -> delete(folder);
                PostgresServer stopping = server;
                FlinkReader closing = reader) {
            // All are closed, whatever one of them throws.
        }
    }

    private static void delete(Path root) throws IOException {
        List<Path> found;
        try (Stream<Path> files = Files.walk(root)) {
            found = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : found) {
            Files.deleteIfExists(path);
        }
    }
}
