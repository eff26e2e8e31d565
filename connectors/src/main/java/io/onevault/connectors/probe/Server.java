package io.onevault.connectors.probe;

import io.onevault.connectors.secret.Secret;
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
 * A server to be asked, with what was found there. Connects with a bound on everything. Used by one
 * thread, but {@link #address} and {@link #silent} by any.
 */
public final class Server {

    private static final int CONNECT_SECONDS = 5;
    private static final int ANSWER_SECONDS = 8;

    private final String url;
    private final String user;
    private final Secret password;
    private final List<ServerFinding> findings = new ArrayList<>();

    /**
     * @param url JDBC URL without user or password
     */
    public Server(String url, String user, Secret password) {
        this.url = url;
        this.user = user;
        this.password = password;
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
    public String address() {
        String bare = url.replaceFirst("^jdbc:postgresql://", "");
        int query = bare.indexOf('?');
        return query < 0 ? bare : bare.substring(0, query);
    }

    String database() {
        String address = address();
        return address.substring(address.indexOf('/') + 1);
    }

    /** Records what prevents work; the parameters are those of {@link ServerFinding}. */
    void problem(String setting, String value, String what, String remedy) {
        findings.add(new ServerFinding(setting, value, what, remedy, true));
    }

    /** Records what is only worth knowing. */
    void warning(String setting, String value, String what, String remedy) {
        findings.add(new ServerFinding(setting, value, what, remedy, false));
    }

    List<ServerFinding> findings() {
        return List.copyOf(findings);
    }

    /** For a server whose probe has not ended; takes nothing from the thread that still asks. */
    public ServerFinding silent() {
        return new ServerFinding(
                "url",
                address(),
                "did not answer in time",
                "check host, port, firewall and the load of the server",
                true);
    }

    /** Opens a connection whose silence ends by itself; the caller closes it. */
    Connection connect() throws SQLException {
        return open(properties("onevault-validate", ANSWER_SECONDS));
    }

    /** The same for a use that has a name of its own. */
    public Connection connect(String application) throws SQLException {
        return connect(application, ANSWER_SECONDS);
    }

    /** The same for work that takes its time. */
    Connection connect(String application, int answerSeconds) throws SQLException {
        return open(properties(application, answerSeconds));
    }

    /** Says why a connection to this server was not made. */
    public ServerFinding explain(SQLException failure) {
        ConnectFailure.record(this, failure);
        return findings.get(findings.size() - 1);
    }

    private Properties properties(String application, int answerSeconds) {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, user);
        if (hasPassword()) {
            PGProperty.PASSWORD.set(properties, password.reveal());
        }
        PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_SECONDS);
        PGProperty.SOCKET_TIMEOUT.set(properties, answerSeconds);
        PGProperty.APPLICATION_NAME.set(properties, application);
        return properties;
    }

    /** Opens a connection to PgBouncer's console; the caller closes it. */
    Connection connectToConsole() throws SQLException {
        Properties properties = properties("onevault-validate", ANSWER_SECONDS);
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        // Whoever only may look is refused the SET that the driver begins with. It leaves that out
        // whenever this property has a value; nothing is replicated.
        PGProperty.REPLICATION.set(properties, "false");
        return open(properties);
    }

    private Connection open(Properties properties) throws SQLException {
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
