package io.onevault.connectors.probe;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import javax.net.ssl.SSLException;
import org.postgresql.util.PSQLException;

/**
 * Says why a connection was not made. Texts of the driver are not passed on, since they may quote
 * the URL; the server's own are. SQLSTATE codes: PostgreSQL's appendix A.
 */
final class ConnectFailure {

    private ConnectFailure() {}

    /** Records at {@code server} why {@code failure} happened while connecting to it. */
    static void record(Server server, SQLException failure) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        switch (state) {
            case "28P01" ->
                    server.problem(
                            "password",
                            "******",
                            "is refused by " + server.address() + " for user " + server.user(),
                            "correct user or password");
            case "28000" ->
                    server.problem(
                            "user",
                            server.user(),
                            "is not let in by " + server.address() + serverText(failure),
                            "create the role with LOGIN, allow it in pg_hba.conf, and set sslmode"
                                    + " in the url as that demands");
            case "3D000" ->
                    server.problem(
                            "url",
                            server.address(),
                            "names a database that does not exist",
                            "correct the database's name or create it");
            case "42501" ->
                    server.problem(
                            "user",
                            server.user(),
                            "may not connect to " + server.address(),
                            "run GRANT CONNECT ON DATABASE \"%s\" TO %s"
                                    .formatted(server.database(), server.quotedUser()));
            case "53300" ->
                    server.problem(
                            "url",
                            server.address(),
                            "has no free connection",
                            "raise max_connections or lower the clients' pools");
            case "57P03" ->
                    server.problem(
                            "url",
                            server.address(),
                            "is starting up or shutting down",
                            "try again when it accepts connections");
            default -> network(server, failure, state);
        }
    }

    private static void network(Server server, SQLException failure, String state) {
        if (caused(failure, UnknownHostException.class)) {
            unreachable(server, "names a host that is not known", "correct the host or its DNS");
        } else if (isTls(failure)) {
            unreachable(
                    server,
                    "cannot be reached by TLS as the url asks",
                    "check sslmode, sslrootcert and the server's certificate and ssl setting");
        } else if (caused(failure, SocketTimeoutException.class)) {
            unreachable(server, "does not answer in time", "check host, port, firewall and routes");
        } else if (caused(failure, ConnectException.class)) {
            unreachable(
                    server,
                    "refuses the connection",
                    "start the server, or correct the port and listen_addresses");
        } else if (caused(failure, NoRouteToHostException.class)) {
            unreachable(server, "has no route to it", "check network and firewall");
        } else if (!server.hasPassword() && wantsPassword(failure, state)) {
            server.problem(
                    "password",
                    "",
                    "is missing, and " + server.address() + " demands one",
                    "set it, for example as ${DB_PASSWORD} or ${file:/run/secrets/password}");
        } else {
            unreachable(
                    server,
                    "did not accept the connection (SQLSTATE %s)%s"
                            .formatted(state.isEmpty() ? "unknown" : state, serverText(failure)),
                    "check that a PostgreSQL server listens there, and its log");
        }
    }

    private static void unreachable(Server server, String what, String remedy) {
        server.problem("url", server.address(), what, remedy);
    }

    /** The driver itself gives up when it is asked for a password and has none. */
    private static boolean wantsPassword(SQLException failure, String state) {
        return state.equals("08004")
                && failure instanceof PSQLException psql
                && psql.getServerErrorMessage() == null;
    }

    private static boolean isTls(SQLException failure) {
        return caused(failure, SSLException.class)
                || failure instanceof PSQLException psql
                        && psql.getServerErrorMessage() == null
                        && String.valueOf(psql.getMessage()).contains("SSL");
    }

    private static boolean caused(Throwable failure, Class<? extends Throwable> type) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return true;
            }
        }
        return false;
    }

    /** What the server itself said, in brackets; empty when it said nothing. */
    static String serverText(SQLException failure) {
        if (failure instanceof PSQLException psql && psql.getServerErrorMessage() != null) {
            String text = String.valueOf(psql.getServerErrorMessage().getMessage());
            return " (" + text.replaceAll("\\p{Cntrl}+", " ").strip() + ")";
        }
        return "";
    }
}
