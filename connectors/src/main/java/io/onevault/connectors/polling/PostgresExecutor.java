package io.onevault.connectors.polling;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks a PostgreSQL server over a {@link TargetConnection}.
 *
 * <p>A connection that broke, because the session was ended or the server restarted, is replaced
 * once in the same run: only if the second attempt fails too is the target down.
 */
final class PostgresExecutor implements PollExecutor {

    private static final Pattern SCHEMA = Pattern.compile("\\$\\{schema:([a-z0-9_]+)}");

    private final PollTarget target;
    private final TargetConnection connection;
    private final TargetState state;
    private final Map<String, String> extensionSchemas = new HashMap<>();
    private final Set<String> roles = new HashSet<>();
    private final SlowStatements slowStatements = new SlowStatements();

    PostgresExecutor(PollTarget target, TargetConnection connection, TargetState state) {
        this.target = target;
        this.connection = connection;
        this.state = state;
    }

    @Override
    public PollAnswer execute(Poll poll) throws PollRefusedException, SQLException {
        boolean reused = connection.isOpen();
        try {
            return ask(poll);
        } catch (SQLException e) {
            boolean broken =
                    PollFailure.whileRunning(target, poll, e).scope()
                            == PollFailure.Scope.CONNECTION;
            if (!broken) {
                throw e;
            }
            disconnect();
            if (!reused) {
                throw e;
            }
            return ask(poll);
        }
    }

    private PollAnswer ask(Poll poll) throws PollRefusedException, SQLException {
        Connection open = open();
        int version = open.getMetaData().getDatabaseMajorVersion();
        Poll.Variant variant =
                poll.variant(version)
                        .orElseThrow(
                                () ->
                                        new PollRefusedException(
                                                PollFailure.poll(
                                                        "VERSION",
                                                        "poll %s serves PostgreSQL %s, but %s runs"
                                                                + " %d. Exclude it, or add a"
                                                                + " variant.",
                                                        poll.name(),
                                                        poll.versions(),
                                                        target.name(),
                                                        version)));
        requireRole(open, poll);
        String sql = resolve(open, poll, variant.sql());
        RowReader reader = new RowReader(target.name(), poll, variant, slowStatements);
        long asked = connection.now();
        try (Statement statement = open.createStatement()) {
            boolean rows = statement.execute(sql);
            while (rows || statement.getUpdateCount() != -1) {
                if (rows) {
                    try (ResultSet result = statement.getResultSet()) {
                        reader.read(result);
                    }
                }
                rows = statement.getMoreResults();
            }
        }
        long answered = connection.now();
        return reader.answer(state.toServerClock(answered), asked + (answered - asked) / 2);
    }

    private Connection open() throws PollRefusedException {
        if (!connection.isOpen()) {
            extensionSchemas.clear();
            roles.clear();
        }
        return connection.open();
    }

    /** The views answer everyone, but with nulls to those who lack the role: so it is checked. */
    private void requireRole(Connection open, Poll poll) throws SQLException, PollRefusedException {
        String role = poll.role();
        if (role.isEmpty() || roles.contains(role)) {
            return;
        }
        String found =
                first(
                        open,
                        "SELECT 1 FROM pg_roles WHERE rolname = ? AND pg_has_role(oid, 'USAGE')",
                        role);
        if (found == null) {
            throw new PollRefusedException(
                    PollFailure.poll(
                            "PRIVILEGE",
                            "poll %s needs the privileges of %s, which \"%s\" lacks on %s. Run as"
                                    + " administrator: GRANT %s TO \"%s\".",
                            poll.name(),
                            role,
                            target.user(),
                            target.name(),
                            role,
                            target.user()));
        }
        roles.add(role);
    }

    private String resolve(Connection open, Poll poll, String sql)
            throws SQLException, PollRefusedException {
        if (poll.extension().isEmpty()) {
            return sql;
        }
        String schema = extensionSchemas.get(poll.extension());
        if (schema == null) {
            schema =
                    first(
                            open,
                            "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n"
                                    + " ON n.oid = e.extnamespace WHERE e.extname = ?",
                            poll.extension());
            if (schema == null) {
                throw new PollRefusedException(
                        PollFailure.poll(
                                "EXTENSION",
                                "poll %s needs the extension %s, which the database of %s lacks."
                                        + " Run as administrator: CREATE EXTENSION %s.",
                                poll.name(),
                                poll.extension(),
                                target.name(),
                                poll.extension()));
            }
            extensionSchemas.put(poll.extension(), schema);
        }
        return SCHEMA.matcher(sql).replaceAll(Matcher.quoteReplacement(schema));
    }

    private static @Nullable String first(Connection open, String sql, String argument)
            throws SQLException {
        try (PreparedStatement statement = open.prepareStatement(sql)) {
            statement.setString(1, argument);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getString(1) : null;
            }
        }
    }

    @Override
    public void disconnect() {
        connection.close();
    }

    @Override
    public void abort() {
        connection.abort();
    }
}
