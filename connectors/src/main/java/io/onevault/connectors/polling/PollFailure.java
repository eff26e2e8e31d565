package io.onevault.connectors.polling;

import io.onevault.connectors.target.ServerFailure;
import java.sql.SQLException;

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

    /** Classifies what happened while a connection was opened. */
    static PollFailure whileConnecting(PollTarget target, SQLException e) {
        ServerFailure failure = ServerFailure.whileConnecting(target.name(), target.user(), e);
        return new PollFailure(failure.reason(), failure.detail(), Scope.TARGET);
    }

    /** Classifies what happened while a poll ran. */
    static PollFailure whileRunning(PollTarget target, Poll poll, SQLException e) {
        String state = ServerFailure.state(e);
        if (ServerFailure.isConnectionLost(e)) {
            return new PollFailure(
                    "UNREACHABLE",
                    sentence(
                            "%s closed the connection during poll %s: %s. It is opened again.",
                            target.name(), poll.name(), ServerFailure.text(e)),
                    Scope.CONNECTION);
        }
        return switch (state) {
            case "57014", "55P03" ->
                    new PollFailure(
                            "TIMEOUT",
                            sentence(
                                    "poll %s was ended: %s. Raise its statement timeout or lower"
                                            + " topRelations if this stays.",
                                    poll.name(), ServerFailure.text(e)),
                            Scope.RUN);
            case "42501" ->
                    new PollFailure(
                            "PRIVILEGE",
                            sentence(
                                    "poll %s: %s. Run as administrator: GRANT pg_monitor TO"
                                            + " \"%s\".",
                                    poll.name(), ServerFailure.text(e), target.user()),
                            Scope.POLL);
            case "55000" ->
                    new PollFailure(
                            poll.extension().isEmpty() ? "ERROR" : "EXTENSION",
                            sentence(
                                    "poll %s: %s. Add it to shared_preload_libraries and restart"
                                            + " the server, or exclude the poll.",
                                    poll.name(), ServerFailure.text(e)),
                            Scope.POLL);
            case "42883", "42P01", "42703" ->
                    new PollFailure(
                            "VERSION",
                            sentence(
                                    "poll %s does not fit this server: %s. Exclude it, or add a"
                                            + " variant for this version.",
                                    poll.name(), ServerFailure.text(e)),
                            Scope.POLL);
            default ->
                    new PollFailure(
                            "ERROR",
                            sentence(
                                    "poll %s failed (%s): %s",
                                    poll.name(), state, ServerFailure.text(e)),
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
        return ServerFailure.sentence(format, arguments);
    }
}
