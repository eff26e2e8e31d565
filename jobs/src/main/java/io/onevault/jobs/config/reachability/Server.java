package io.onevault.jobs.config.reachability;

import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.config.ConfigProblem;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * A server as a group of the configuration describes it, with what was found there. Connects with a
 * bound on everything. Used by one thread.
 */
final class Server {

    private static final int CONNECT_SECONDS = 5;
    private static final int ANSWER_SECONDS = 8;

    private final String file;
    private final String key;
    private final String url;
    private final String user;
    private final Secret password;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param file the configuration, for messages
     * @param key path of the group, e.g. {@code targets[0]}
     */
    Server(String file, String key, String url, String user, Secret password) {
        this.file = file;
        this.key = key;
        this.url = url;
        this.user = user;
        this.password = password;
    }

    String url() {
        return url;
    }

    String user() {
        return user;
    }

    boolean hasPassword() {
        return !password.isEmpty();
    }

    /** The user as an SQL identifier. */
    String quotedUser() {
        return '"' + user.replace("\"", "\"\"") + '"';
    }

    /** Host, port and database, without parameters. */
    String address() {
        String bare = url.replaceFirst("^jdbc:postgresql://", "");
        int query = bare.indexOf('?');
        return query < 0 ? bare : bare.substring(0, query);
    }

    String database() {
        String address = address();
        return address.substring(address.indexOf('/') + 1);
    }

    /** Records what prevents work; the parameters are those of {@link ConfigProblem}. */
    void problem(String name, String value, String what, String remedy) {
        findings.add(new Finding(at(name, value, what, remedy), true));
    }

    /** Records what is only worth knowing. */
    void warning(String name, String value, String what, String remedy) {
        findings.add(new Finding(at(name, value, what, remedy), false));
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }

    /** For a server whose check has not ended; takes nothing from the thread that still checks. */
    Finding silent() {
        return new Finding(
                at(
                        "url",
                        address(),
                        "did not answer in time",
                        "check host, port, firewall and the load of the server"),
                true);
    }

    private ConfigProblem at(String name, String value, String what, String remedy) {
        return new ConfigProblem(file, 0, key + '.' + name, value, what, remedy);
    }

    /** Opens a connection whose silence ends by itself; the caller closes it. */
    Connection connect() throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, user);
        if (hasPassword()) {
            PGProperty.PASSWORD.set(properties, password.reveal());
        }
        PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_SECONDS);
        PGProperty.SOCKET_TIMEOUT.set(properties, ANSWER_SECONDS);
        PGProperty.APPLICATION_NAME.set(properties, "onevault-validate");
        // PgBouncer's console understands nothing else.
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        Connection connection = new Driver().connect(url, properties);
        if (connection == null) {
            throw new SQLException("not an address of PostgreSQL", "08001");
        }
        return connection;
    }

    /** The only column of the only row. */
    static String value(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    static boolean flag(Connection connection, String query) throws SQLException {
        return "t".equals(value(connection, query));
    }
}
