package io.onevault.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Creates the vault's monthly partitions ahead and drops those past their retention (table {@code
 * util.retention_policy}), without keeping a reader or writer waiting.
 *
 * <p>Creating needs the role {@code onevault_writer} or the vault's owner, dropping the owner.
 * Connections must be in autocommit mode: every partition is a transaction of its own, and {@code
 * DETACH CONCURRENTLY} runs outside any. They are given back with the session's settings unchanged.
 *
 * <p>SQL errors are passed on, except lock timeouts while dropping: such a partition is reported as
 * waiting and is finished by a later call.
 */
public final class PartitionMaintenance {

    /** How long a removal waits for readers before it leaves the partition to a later call. */
    public static final Duration DEFAULT_LOCK_TIMEOUT = Duration.ofSeconds(2);

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Duration lockTimeout;

    /** With the {@linkplain #DEFAULT_LOCK_TIMEOUT default lock timeout}. */
    public PartitionMaintenance() {
        this(DEFAULT_LOCK_TIMEOUT);
    }

    /**
     * @param lockTimeout how long to wait for a lock or an old reader, at least a millisecond
     */
    public PartitionMaintenance(Duration lockTimeout) {
        if (lockTimeout.toMillis() < 1) {
            throw new IllegalArgumentException("the lock timeout must be at least a millisecond");
        }
        this.lockTimeout = lockTimeout;
    }

    /**
     * A month of a satellite.
     *
     * @param schema the satellite's schema
     * @param satellite the satellite
     * @param name the month's table, in the same schema
     */
    public record Partition(String schema, String satellite, String name) {}

    /**
     * What {@link #dropExpired} did.
     *
     * @param dropped partitions that are gone
     * @param waiting partitions a transaction still reads; a later call finishes them
     * @param kept expired partitions left because a current row lives there
     */
    public record Retention(
            List<Partition> dropped, List<Partition> waiting, List<Partition> kept) {

        public Retention {
            dropped = List.copyOf(dropped);
            waiting = List.copyOf(waiting);
            kept = List.copyOf(kept);
        }
    }

    /**
     * Makes every satellite ready for rows dated {@code from} to {@code to}, both included.
     *
     * @return how many partitions were missing
     */
    public int ensure(Connection connection, Instant from, Instant to) throws SQLException {
        requireAutocommit(connection);
        int created = 0;
        try (PreparedStatement ensure =
                connection.prepareStatement(
                        "SELECT coalesce(sum(util.ensure_partitions(satellite, ?, ?)), 0) FROM"
                                + " util.satellite")) {
            // A month a transaction: years of history at once would exhaust the server's lock
            // table.
            YearMonth last = YearMonth.from(to.atOffset(ZoneOffset.UTC));
            for (YearMonth month = YearMonth.from(from.atOffset(ZoneOffset.UTC));
                    !month.isAfter(last);
                    month = month.plusMonths(1)) {
                OffsetDateTime first = month.atDay(1).atStartOfDay().atOffset(ZoneOffset.UTC);
                ensure.setObject(1, first);
                ensure.setObject(2, first);
                try (ResultSet row = ensure.executeQuery()) {
                    row.next();
                    created += row.getInt(1);
                }
            }
        }
        return created;
    }

    /**
     * Removes the months that {@code util.retention_policy} no longer keeps at {@code now}. Rows of
     * a month vanish from queries as soon as its removal begins.
     */
    public Retention dropExpired(Connection connection, Instant now) throws SQLException {
        requireAutocommit(connection);
        List<Partition> dropped = new ArrayList<>();
        List<Partition> waiting = new ArrayList<>();
        List<Partition> kept = new ArrayList<>();
        String lockTimeoutBefore = setting(connection, "lock_timeout");
        apply(connection, "lock_timeout", lockTimeout.toMillis() + "ms");
        try {
            Set<String> busy = new HashSet<>();
            for (Expired expired : expired(connection, now)) {
                String satellite =
                        expired.partition().schema() + '.' + expired.partition().satellite();
                if (expired.attached() && busy.contains(satellite)) {
                    // A satellite has at most one month on its way out.
                    waiting.add(expired.partition());
                } else if (expired.attached()
                        && expired.keepOpenRows()
                        && hasOpenRow(connection, expired)) {
                    kept.add(expired.partition());
                } else if (remove(connection, expired)) {
                    dropped.add(expired.partition());
                } else {
                    waiting.add(expired.partition());
                    busy.add(satellite);
                }
            }
        } finally {
            apply(connection, "lock_timeout", lockTimeoutBefore);
        }
        return new Retention(dropped, waiting, kept);
    }

    private record Expired(Partition partition, String state, boolean keepOpenRows) {

        boolean attached() {
            return state.equals("ATTACHED");
        }

        String table() {
            return quote(partition.schema()) + '.' + quote(partition.name());
        }

        String detach(String how) {
            return "ALTER TABLE %s.%s DETACH PARTITION %s %s"
                    .formatted(
                            quote(partition.schema()), quote(partition.satellite()), table(), how);
        }
    }

    private static List<Expired> expired(Connection connection, Instant now) throws SQLException {
        List<Expired> found = new ArrayList<>();
        try (PreparedStatement query =
                connection.prepareStatement("SELECT * FROM util.expired_partitions(?)")) {
            query.setObject(1, now.atOffset(ZoneOffset.UTC));
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    found.add(
                            new Expired(
                                    new Partition(
                                            rows.getString("schema_name"),
                                            rows.getString("table_name"),
                                            rows.getString("partition_name")),
                                    rows.getString("state"),
                                    rows.getBoolean("keep_open_rows")));
                }
            }
        }
        return found;
    }

    private static boolean hasOpenRow(Connection connection, Expired expired) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT EXISTS (SELECT FROM "
                                        + expired.table()
                                        + " WHERE load_end_date IS NULL)")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** Goes as far as it can without making anyone wait; true when the partition is gone. */
    private static boolean remove(Connection connection, Expired expired) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            switch (expired.state()) {
                // The first half hides the month from new queries; the second waits for old ones.
                case "ATTACHED" -> statement.execute(expired.detach("CONCURRENTLY"));
                case "PENDING" -> statement.execute(expired.detach("FINALIZE"));
                default -> {}
            }
            statement.execute("DROP TABLE " + expired.table());
            return true;
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    private static String setting(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW " + name)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void apply(Connection connection, String name, String value)
            throws SQLException {
        try (PreparedStatement set =
                connection.prepareStatement("SELECT set_config(?, ?, false)")) {
            set.setString(1, name);
            set.setString(2, value);
            set.execute();
        }
    }

    private static void requireAutocommit(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            throw new IllegalArgumentException("partitions are maintained in autocommit mode");
        }
    }

    private static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
