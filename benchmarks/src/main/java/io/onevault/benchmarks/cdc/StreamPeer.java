package io.onevault.benchmarks.cdc;

import io.onevault.benchmarks.cdc.Arrivals.Passage;
import io.onevault.embedded.postgres.PostgresServer;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.PGReplicationStream;

/** Takes the messages of {@code pgoutput} from the driver and looks at their first byte only. */
final class StreamPeer {

    private StreamPeer() {}

    /** Reads so many changes; returns how long they took. */
    static Passage read(ChangeLog log, String slot, long changes) throws Exception {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, PostgresServer.SUPERUSER);
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        Arrivals arrivals = new Arrivals(changes);
        Connection connection =
                new Driver().connect(log.server().jdbcUrl(ChangeLog.DATABASE), properties);
        if (connection == null) {
            throw new SQLException("the driver does not accept the url", "3D000");
        }
        // Closing would wait for all the server is about to send.
        try (AutoCloseable leaving = () -> connection.abort(Runnable::run)) {
            PGReplicationStream stream =
                    connection
                            .unwrap(PGConnection.class)
                            .getReplicationAPI()
                            .replicationStream()
                            .logical()
                            .withSlotName(slot)
                            .withSlotOption("proto_version", 1)
                            .withSlotOption("publication_names", ChangeLog.PUBLICATION)
                            .withSlotOption("messages", true)
                            .start();
            for (long read = 0; read < changes; ) {
                ByteBuffer message = stream.read();
                byte kind = message.get(message.position());
                if (kind == 'I' || kind == 'U' || kind == 'D') {
                    arrivals.one();
                    read++;
                }
            }
        }
        return arrivals.await();
    }
}
