package io.onevault.connectors.polling;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.Locale;
import java.util.Set;

/**
 * Why a run brought nothing.
 *
 * @param reason one of {@link io.onevault.connectors.model.CollectionGap#reason()}
 * @param detail one sentence with the remedy, without secrets
 * @param scope what is affected
 */
record PollFailure(String reason, String detail, Scope scope) {

    /** What a failure affects. */
    enum Scope {
        /** Nobody can ask this target anything. */
        TARGET,
        /** The connection broke; another one may work. */
        CONNECTION,
        /** This run; the next may succeed. */
        RUN,
        /** This poll, until somebody changes the server. */
        POLL
    }

    private static final int MAX_DETAIL = 500;
    private static final Set<String> CONNECTION_STATES =
            Set.of("57P01", "57P02", "57P03", "57P05", "25P03", "25P04");

    /** Classifies what happened while a connection was opened. */
    static PollFailure whileConnecting(PollTarget target, SQLException e) {
        String state = state(e);
        return switch (state) {
            case "28P01", "28000" ->
                    target(
                            "PRIVILEGE",
                            "%s refused the login of %s: %s. Check user, password and pg_hba.conf.",
                            target.name(),
                            target.user(),
                            text(e));
            case "3D000" -> target("ERROR", "%s: %s. Correct the url.", target.name(), text(e));
            case "53300" ->
                    target(
                            "UNREACHABLE",
                            "%s has no connection slot left: %s. Raise max_connections, lower the"
                                    + " clients' pools, or on 16 and later grant"
                                    + " pg_use_reserved_connections to %s.",
                            target.name(),
                            text(e),
                            target.user());
            case "42501" ->
                    target(
                            "PRIVILEGE",
                            "%s: %s. Grant CONNECT on the database to %s.",
                            target.name(),
                            text(e),
                            target.user());
            default ->
                    target(
                            "UNREACHABLE",
                            "%s does not answer: %s. Check that it runs and that url and firewall"
                                    + " let the collector through.",
                            target.name(),
                            text(e));
        };
    }

    /** Classifies what happened while a poll ran. */
    static PollFailure whileRunning(PollTarget target, Poll poll, SQLException e) {
        String state = state(e);
        if (state.startsWith("08") || CONNECTION_STATES.contains(state)) {
            return new PollFailure(
                    "UNREACHABLE",
                    sentence(
                            "%s closed the connection during poll %s: %s. It is opened again.",
                            target.name(), poll.name(), text(e)),
                    Scope.CONNECTION);
        }
        return switch (state) {
            case "57014", "55P03" ->
                    new PollFailure(
                            "TIMEOUT",
                            sentence(
                                    "poll %s was ended: %s. Raise its statement timeout or lower"
                                            + " topRelations if this stays.",
                                    poll.name(), text(e)),
                            Scope.RUN);
            case "42501" ->
                    new PollFailure(
                            "PRIVILEGE",
                            sentence(
                                    "poll %s: %s. Run as administrator: GRANT pg_monitor TO"
                                            + " \"%s\".",
                                    poll.name(), text(e), target.user()),
                            Scope.POLL);
            case "55000" ->
                    new PollFailure(
                            poll.extension().isEmpty() ? "ERROR" : "EXTENSION",
                            sentence(
                                    "poll %s: %s. Add it to shared_preload_libraries and restart"
                                            + " the server, or exclude the poll.",
                                    poll.name(), text(e)),
                            Scope.POLL);
            case "42883", "42P01", "42703" ->
                    new PollFailure(
                            "VERSION",
                            sentence(
                                    "poll %s does not fit this server: %s. Exclude it, or add a"
                                            + " variant for this version.",
                                    poll.name(), text(e)),
                            Scope.POLL);
            default ->
                    new PollFailure(
                            "ERROR",
                            sentence("poll %s failed (%s): %s", poll.name(), state, text(e)),
                            Scope.RUN);
        };
    }

    static PollFailure poll(String reason, String format, Object... arguments) {
        return new PollFailure(reason, sentence(format, arguments), Scope.POLL);
    }

    static PollFailure run(String reason, String format, Object... arguments) {
        return new PollFailure(reason, sentence(format, arguments), Scope.RUN);
    }

    static String sentence(String format, Object... arguments) {
        String text = String.format(Locale.ROOT, format, arguments);
        return text.length() <= MAX_DETAIL ? text : text.substring(0, MAX_DETAIL - 1) + "…";
    }

    private static PollFailure target(String reason, String format, Object... arguments) {
        return new PollFailure(reason, sentence(format, arguments), Scope.TARGET);
    }

    private static String state(SQLException e) {
        if (e instanceof SQLTimeoutException) {
            return "57014";
        }
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    /** The driver's message on one line, with what caused it when that says more. */
    private static String text(SQLException e) {
        StringBuilder out = new StringBuilder(String.valueOf(e.getMessage()));
        Throwable cause = e.getCause();
        if (cause != null && cause.getMessage() != null && out.indexOf(cause.getMessage()) < 0) {
            out.append(" (").append(cause.getMessage()).append(')');
        }
        String line = out.toString().replaceAll("\\p{Cntrl}+", " ").strip();
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }
}
