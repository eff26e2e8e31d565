package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Opens the source's own connections, bounded in every wait. */
final class Connections {

    static final String APPLICATION = "onevault-cdc";

    /** Prefix of the messages that let an idle database's slot advance. */
    static final String HEARTBEAT_PREFIX = "onevault-heartbeat";

    /** Writes such a message, with the server's clock in milliseconds since the epoch. */
    static final String HEARTBEAT =
            "SELECT pg_logical_emit_message(false, '"
                    + HEARTBEAT_PREFIX
                    + "', (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text)";

    private Connections() {}

    /** A new connection; the caller closes it. */
    static Connection open(CdcOptions options) throws SQLException {
        int seconds = (int) options.networkTimeout().toSeconds();
        Properties properties = new Properties();
        PGProperty.USER.set(properties, options.user());
        if (!options.password().isEmpty()) {
            PGProperty.PASSWORD.set(properties, options.password().reveal());
        }
        PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
        PGProperty.SOCKET_TIMEOUT.set(properties, seconds);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.APPLICATION_NAME.set(properties, APPLICATION);
        // Values are taken as the server's text.
        PGProperty.BINARY_TRANSFER.set(properties, false);
        Connection open = new Driver().connect(options.url(), properties);
        if (open == null) {
            throw new SQLException("the driver does not accept the url", "3D000");
        }
        return open;
    }
}
