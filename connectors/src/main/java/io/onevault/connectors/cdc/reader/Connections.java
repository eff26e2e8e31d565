package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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

    /**
     * What makes the server write a value as the same text, whoever asks. The currency symbol and
     * the zone of its values are no business of a session's defaults.
     */
    static final String SESSION =
            "SET datestyle = 'ISO, MDY'; SET timezone = 'UTC'; SET intervalstyle = 'postgres';"
                    + " SET bytea_output = 'hex'; SET extra_float_digits = 1;"
                    + " SET lc_monetary = 'C'; SET xmloption = 'content'";

    /** A database that knows no encoding would refuse to send bytes that are no UTF-8. */
    private static final String WITHOUT_ENCODING = "SQL_ASCII";

    /** A new connection; the caller closes it. */
    static Connection open(CdcOptions options) throws SQLException {
        return open(options, properties(options));
    }

    /** A new connection that speaks the replication protocol; the caller closes it. */
    static Connection openForReplication(CdcOptions options) throws SQLException {
        Properties properties = properties(options);
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        return open(options, properties);
    }

    private static Properties properties(CdcOptions options) {
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
        PGProperty.ALLOW_ENCODING_CHANGES.set(properties, true);
        return properties;
    }

    private static Connection open(CdcOptions options, Properties properties) throws SQLException {
        Connection open = new Driver().connect(options.url(), properties);
        if (open == null) {
            throw new SQLException("the driver does not accept the url", "3D000");
        }
        try (Statement statement = open.createStatement()) {
            statement.execute(SESSION);
            try (ResultSet row = statement.executeQuery("SHOW server_encoding")) {
                row.next();
                if (!WITHOUT_ENCODING.equals(row.getString(1))) {
                    return open;
                }
            }
            statement.execute("SET client_encoding = '" + WITHOUT_ENCODING + "'");
            return open;
        } catch (SQLException e) {
            open.close();
            throw e;
        }
    }
}
