package io.onevault.connectors.target;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.Locale;
import java.util.Set;

/**
 * Why a server said nothing, in a sentence.
 *
 * @param reason one of {@link io.onevault.connectors.model.CollectionGap#reason()}
 * @param detail one sentence with the remedy, without secrets
 */
public record ServerFailure(String reason, String detail) {

    private static final int MAX_DETAIL = 500;
    private static final Set<String> CONNECTION_STATES =
            Set.of("57P01", "57P02", "57P03", "57P05", "25P03", "25P04");

    /**
     * Classifies what happened while a connection was opened.
     *
     * @param target the server's configured name
     */
    public static ServerFailure whileConnecting(String target, String user, SQLException e) {
        return switch (state(e)) {
            case "28P01", "28000" ->
                    of(
                            "PRIVILEGE",
                            "%s refused the login of %s: %s. Check user, password and pg_hba.conf.",
                            target,
                            user,
                            text(e));
            case "3D000" -> of("ERROR", "%s: %s. Correct the url.", target, text(e));
            case "53300" ->
                    of(
                            "UNREACHABLE",
                            "%s has no connection slot left: %s. Raise max_connections, lower the"
                                    + " clients' pools, or on 16 and later grant"
                                    + " pg_use_reserved_connections to %s.",
                            target,
                            text(e),
                            user);
            case "42501" ->
                    of(
                            "PRIVILEGE",
                            "%s: %s. Grant CONNECT on the database to %s.",
                            target,
                            text(e),
                            user);
            default ->
                    of(
                            "UNREACHABLE",
                            "%s does not answer: %s. Check that it runs and that url and firewall"
                                    + " let the collector through.",
                            target,
                            text(e));
        };
    }

    public static ServerFailure of(String reason, String format, Object... arguments) {
        return new ServerFailure(reason, sentence(format, arguments));
    }

    /** Whether the connection is of no use any more; another one may work. */
    public static boolean isConnectionLost(SQLException e) {
        String state = state(e);
        return state.startsWith("08") || CONNECTION_STATES.contains(state);
    }

    /** The SQLSTATE, empty when there is none. */
    public static String state(SQLException e) {
        if (e instanceof SQLTimeoutException) {
            return "57014";
        }
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    /** A text of bounded length. */
    public static String sentence(String format, Object... arguments) {
        String text = String.format(Locale.ROOT, format, arguments);
        return text.length() <= MAX_DETAIL ? text : text.substring(0, MAX_DETAIL - 1) + "…";
    }

    /** The driver's message on one line, with what caused it when that says more. */
    public static String text(SQLException e) {
        StringBuilder out = new StringBuilder(String.valueOf(e.getMessage()));
        Throwable cause = e.getCause();
        if (cause != null && cause.getMessage() != null && out.indexOf(cause.getMessage()) < 0) {
            out.append(" (").append(cause.getMessage()).append(')');
        }
        String line = out.toString().replaceAll("\\p{Cntrl}+", " ").strip();
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }
}
