package io.onevault.jobs.testing;

import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes standbys that stream from a server. */
public final class Standby {

    private Standby() {}

    /**
     * Starts a standby with a copy of the primary's files, for which that one is restarted.
     *
     * @param port where it reaches the primary, on loopback
     */
    public static PostgresServer of(PostgresServer primary, int port) throws IOException {
        primary.stop();
        Path data = primary.directory().resolve("data");
        Path signal = Files.createFile(data.resolve("standby.signal"));
        PostgresServer standby =
                PostgresServer.builder(primary.majorVersion())
                        .initialData(data)
                        .setting(
                                "primary_conninfo",
                                "postgresql://postgres@127.0.0.1:" + port + "/postgres")
                        .setting("wal_receiver_status_interval", "1s")
                        .setting("wal_retrieve_retry_interval", "500ms")
                        .start();
        Files.delete(signal);
        primary.start();
        return standby;
    }
}
