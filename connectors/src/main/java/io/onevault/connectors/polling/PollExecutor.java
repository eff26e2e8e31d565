package io.onevault.connectors.polling;

import java.sql.SQLException;

/** Asks one target, over at most one connection. Used by one thread; {@link #abort} by any. */
interface PollExecutor {

    /**
     * Runs a poll, connecting first when needed.
     *
     * @throws PollRefusedException when it cannot run, with the reason
     * @throws SQLException when the connection broke or the server refused the statement
     */
    PollAnswer execute(Poll poll) throws PollRefusedException, SQLException;

    /** Gives the connection up; the next run opens another. */
    void disconnect();

    /** Ends a run that another thread waits for, without waiting. */
    void abort();
}
