package io.onevault.connectors.locks;

import io.onevault.connectors.locks.SignalRequest.Waiter;
import io.onevault.connectors.locks.SignalResult.Outcome;
import io.onevault.connectors.statement.StatementText;
import io.onevault.connectors.target.ServerFailure;
import io.onevault.connectors.target.ServerFailureException;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.SessionLimits;
import io.onevault.connectors.target.TargetSession;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cancels or terminates a session of a server over a connection of its own, unless the server says
 * at that moment that it must not be done. The login needs {@code pg_monitor} and {@code
 * pg_signal_backend}; it must not be a superuser, or its signals would reach superusers too.
 *
 * <p>Everything is checked again in the statement that signals (see {@code signal.sql}). What SQL
 * cannot do is parse the blocker's statement: that is read and judged here first, and the statement
 * that signals requires that it is the same still.
 *
 * <p>Never throws for what a server does. Used by one thread; {@link #abort} by any.
 */
public final class BackendSignals implements AutoCloseable {

    static final String APPLICATION = "onevault-resolution";

    /** A transaction of short statements may run another one at each look. */
    private static final int LOOKS = 3;

    private static final String OTHER_STATEMENT = "statement changed";
    private static final String NO_PRIVILEGE = "42501";

    /** Rules by which what was decided on is no more so, and may be again. */
    private static final Set<String> CHANGED =
            Set.of(
                    "gone",
                    "pid reused",
                    "other transaction",
                    OTHER_STATEMENT,
                    "state",
                    "waits itself",
                    "still blocking",
                    "too soon",
                    "too late");

    private static final Logger LOG = LoggerFactory.getLogger(BackendSignals.class);
    private static final String UNREACHABLE =
            "The server could not be asked (%s); the job's log says why.";

    private final ServerTarget target;
    private final SignalProtection protection;
    private final SignalProtection.Statements statements;
    private final TargetSession session;

    public BackendSignals(
            ServerTarget target,
            SessionLimits limits,
            SignalProtection protection,
            SignalProtection.Statements statements) {
        this.target = target;
        this.protection = protection;
        this.statements = statements;
        this.session = new TargetSession(target, APPLICATION, limits);
    }

    /** Checks {@code request} on the server and, when all allows it, sends its signal. */
    public SignalResult act(SignalRequest request) {
        try {
            return act(request, session.open());
        } catch (ServerFailureException e) {
            LOG.warn(
                    "{} cannot be asked whether to end a session: {}",
                    target.name(),
                    e.failure().detail());
            return failed(UNREACHABLE.formatted(e.failure().reason()));
        } catch (SQLException e) {
            if (ServerFailure.isConnectionLost(e)) {
                session.close();
            }
            return failed(sentence(e));
        }
    }

    private SignalResult act(SignalRequest request, Connection connection) throws SQLException {
        AuthTables tables = authTables(connection);
        if (tables == AuthTables.UNREADABLE) {
            return new SignalResult(
                    Outcome.PROTECTED,
                    "vault roles",
                    "The tables of roles in schema auth cannot be read in full: GRANT USAGE ON"
                        + " SCHEMA auth and SELECT on user_profile_s, user_role_l and role_h to the"
                        + " login that signals, with BYPASSRLS where they have row security.",
                    0);
        }
        SignalResult result = failed("Not looked at.");
        for (int look = 0; look < LOOKS; look++) {
            result = look(request, connection, tables == AuthTables.READABLE);
            if (!result.rule().equals(OTHER_STATEMENT)) {
                break;
            }
        }
        return result;
    }

    private SignalResult look(SignalRequest request, Connection connection, boolean vaultRoles)
            throws SQLException {
        byte[] digest;
        boolean wrote;
        try (PreparedStatement statement =
                connection.prepareStatement(LockQueries.SIGNAL_STATEMENT)) {
            statement.setInt(1, request.pid());
            try (ResultSet row = statement.executeQuery()) {
                boolean found = row.next();
                digest = found ? row.getBytes(1) : new byte[0];
                String text = found ? row.getString(2) : null;
                wrote = found && row.getBoolean(4);
                String protects =
                        text == null
                                ? ""
                                : statements.protection(
                                        StatementText.of(text).text(), row.getBoolean(5), wrote);
                if (!protects.isEmpty()) {
                    return new SignalResult(
                            Outcome.PROTECTED,
                            "statement",
                            "The server refused: %s.".formatted(protects),
                            row.getLong(3));
                }
            }
        }
        String sql =
                LockQueries.SIGNAL.replace(
                        "/* vault roles */ false",
                        vaultRoles ? LockQueries.SIGNAL_VAULT_ROLES : "false");
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int at = bind(request, digest, wrote, statement);
            if (vaultRoles) {
                statement.setArray(at, texts(connection, protection.vaultRoles()));
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return result(request, row.getString(1), row.getLong(2), row.getBoolean(3));
            }
        }
    }

    private int bind(
            SignalRequest request, byte[] digest, boolean wrote, PreparedStatement statement)
            throws SQLException {
        Connection connection = statement.getConnection();
        int at = 0;
        statement.setInt(++at, request.pid());
        statement.setLong(++at, request.backendStartMicros());
        statement.setLong(++at, request.xactStartMicros());
        statement.setBoolean(++at, request.idle());
        statement.setString(++at, request.signal().name());
        statement.setBytes(++at, digest);
        statement.setBoolean(++at, wrote);
        statement.setArray(
                ++at, numbers(connection, "int4", request.victims().stream().map(Waiter::pid)));
        statement.setArray(
                ++at,
                numbers(
                        connection,
                        "int8",
                        request.victims().stream().map(Waiter::backendStartMicros)));
        statement.setLong(++at, request.blockingSinceMicros());
        statement.setLong(++at, request.minimumWaitMicros());
        statement.setLong(++at, request.notAfterMicros());
        statement.setArray(++at, texts(connection, protection.users()));
        statement.setArray(++at, texts(connection, protection.roles()));
        statement.setArray(++at, texts(connection, protection.applications()));
        return at + 1;
    }

    private static Array texts(Connection connection, List<String> values) throws SQLException {
        return connection.createArrayOf("text", values.toArray());
    }

    private static Array numbers(
            Connection connection, String type, Stream<? extends Number> values)
            throws SQLException {
        return connection.createArrayOf(type, values.toArray());
    }

    private static SignalResult result(SignalRequest request, String rule, long at, boolean sent) {
        if (!rule.isEmpty()) {
            Outcome outcome = CHANGED.contains(rule) ? Outcome.GONE : Outcome.PROTECTED;
            return new SignalResult(
                    outcome, rule, "The server refused: %s.".formatted(words(rule)), at);
        }
        if (request.signal() == SignalRequest.Signal.NONE) {
            return new SignalResult(Outcome.ALLOWED, "", "The server would have allowed it.", at);
        }
        return sent
                ? new SignalResult(Outcome.SENT, "", "The signal was sent.", at)
                : new SignalResult(Outcome.GONE, "gone", "The session ended meanwhile.", at);
    }

    private static String words(String rule) {
        return switch (rule) {
            case "gone" -> "the session has ended";
            case "pid reused" -> "another session has its process id now";
            case "other transaction" -> "its transaction has ended";
            case "still blocking" -> "none of the victims waits for it any more";
            case "too soon" -> "it has blocked, or been idle, for less than the minimum wait";
            case "replication role", "replication slot" -> "it replicates or copies the server";
            case "maintenance" -> "the server counts its progress in a copy or in maintenance";
            case "statement cut" ->
                    "its statement is longer than track_activity_query_size, so that nobody sees"
                            + " its end";
            case "reader" -> "it only reads, in one snapshot or by short statements, as dumps do";
            case "too late" -> "the decision is too old, or the maintenance window has begun";
            case "state" -> "it is neither active nor idle in the same transaction";
            case "waits itself" -> "it waits for a lock itself and is no root";
            case "hidden" -> "its statement is hidden from this login, GRANT pg_monitor to it";
            case OTHER_STATEMENT -> "it runs another statement at every look";
            default -> "protected by rule " + rule;
        };
    }

    /**
     * For the record, which tenants may read: the server's own words may name logins and addresses.
     */
    private String sentence(SQLException e) {
        String state = ServerFailure.state(e);
        LOG.warn("{}: {}", target.name(), ServerFailure.text(e));
        return NO_PRIVILEGE.equals(state)
                ? "The login that signals may not: GRANT pg_signal_backend to it."
                : "The server answered with error %s; the job's log has its words."
                        .formatted(state.isEmpty() ? "of no number" : state);
    }

    private static SignalResult failed(String detail) {
        return new SignalResult(Outcome.FAILED, "", detail, 0);
    }

    private enum AuthTables {
        ABSENT,
        READABLE,
        UNREADABLE
    }

    private AuthTables authTables(Connection connection) throws SQLException {
        if (protection.vaultRoles().isEmpty()) {
            return AuthTables.ABSENT;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(LockQueries.SIGNAL_AUTH_TABLES)) {
            row.next();
            if (!row.getBoolean(1)) {
                return AuthTables.ABSENT;
            }
            return row.getBoolean(2) ? AuthTables.READABLE : AuthTables.UNREADABLE;
        }
    }

    /** Gives the connection up; the next use opens another. */
    @Override
    public void close() {
        session.close();
    }

    /** Closes the socket under a running statement, now and ever after. */
    public void abort() {
        session.abort();
    }
}
