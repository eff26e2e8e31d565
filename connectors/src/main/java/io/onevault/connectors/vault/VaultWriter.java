package io.onevault.connectors.vault;

import io.onevault.connectors.vault.VaultTable.Column;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Applies batches of rows to one hub and one satellite, with the hub's links, or to a satellite
 * alone, each batch in one transaction.
 *
 * <p>What the tables hold afterwards depends on the set of rows ever applied, not on their order,
 * their batches or how often they came: a hub's load date is the earliest of its rows, its tenant
 * that of the newest, or none where the newest ones differ, so that nothing is shown to a tenant
 * whom it no longer concerns alone; for one hub and load date the row of the greatest rank stands;
 * each satellite row ends where the next one of its hub begins, and the last is open. Each step is
 * one statement over arrays, for these are several times as fast as a statement a row.
 *
 * <p>Writers of one satellite exclude each other by a transaction-level advisory lock, so that a
 * writer left over from before a failover cannot leave two open rows.
 *
 * <p>Not thread-safe; bound to one connection.
 */
public final class VaultWriter {

    private static final int KNOWN_HUBS = 200_000;

    private final VaultTable table;
    private final Connection connection;
    private final List<LinkWriter> links;
    private final String hubStatement;
    private final String tenantStatement;
    private final String satelliteStatement;
    private final String endDateStatement;
    private final String latestStatement;
    private final String followStatement;
    private final long lockKey;
    private final Map<String, Known> knownHubs =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
                    return size() > KNOWN_HUBS;
                }
            };
    private final Set<YearMonth> ensuredMonths = new HashSet<>();
    private boolean prepared;

    /**
     * @param connection kept for the writer's lifetime; auto-commit is turned off
     */
    public VaultWriter(VaultTable table, Connection connection) {
        this.table = table;
        this.connection = connection;
        this.links =
                table.links().stream()
                        .map(link -> new LinkWriter(table, link, connection))
                        .toList();
        this.hubStatement = hubStatement();
        this.tenantStatement = tenantStatement();
        this.satelliteStatement = satelliteStatement();
        this.endDateStatement = endDateStatement();
        this.latestStatement = latestStatement();
        this.followStatement = followStatement();
        this.lockKey = Arrays.hashCode(HashKey.of("vault-writer|" + table.qualifiedSatellite()));
    }

    /**
     * Applies {@code rows} and commits; on an exception nothing of them is applied.
     *
     * @throws SQLException the transaction was rolled back, or its connection is gone
     */
    public void write(List<VaultRow> rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        try {
            prepareSession();
            Batch batch = Batch.of(table, rows);
            Set<YearMonth> newMonths = ensurePartitions(batch);
            lock();
            findLatest(batch);
            writeHubs(batch);
            writeTenants(batch);
            List<Hub> disordered = closeFollowed(batch);
            writeSatellites(batch);
            endDate(disordered);
            for (LinkWriter link : links) {
                link.write(rows);
            }
            connection.commit();
            batch.hubs.forEach((key, hub) -> knownHubs.put(key, hub.written()));
            ensuredMonths.addAll(newMonths);
        } catch (SQLException | RuntimeException e) {
            rollback(e);
            throw e;
        }
    }

    private void prepareSession() throws SQLException {
        if (prepared) {
            return;
        }
        connection.setAutoCommit(false);
        // After the advisory lock each statement must see what the former holder committed.
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        try (Statement statement = connection.createStatement()) {
            // Every join here is a look-up of few keys; a hash join would scan all partitions.
            statement.execute("SET enable_hashjoin = off");
            statement.execute("SET enable_mergejoin = off");
            statement.execute("SET jit = off");
        }
        connection.commit();
        prepared = true;
    }

    /**
     * Creates the months of the batch that this writer has not met, so that a running pipeline
     * crosses a month's end and a replay of old history lands. The vault refuses absurd months,
     * with an error of the data.
     */
    private Set<YearMonth> ensurePartitions(Batch batch) throws SQLException {
        Set<YearMonth> unknown = new HashSet<>();
        for (Version version : batch.versions) {
            YearMonth month =
                    YearMonth.from(Instant.ofEpochMilli(version.loadDate).atOffset(ZoneOffset.UTC));
            if (!ensuredMonths.contains(month)) {
                unknown.add(month);
            }
        }
        for (YearMonth month : unknown) {
            try (PreparedStatement statement =
                    connection.prepareStatement(
                            "SELECT util.ensure_partitions(?::regclass, ?, ?)")) {
                OffsetDateTime start = month.atDay(1).atStartOfDay().atOffset(ZoneOffset.UTC);
                statement.setString(1, table.qualifiedSatellite());
                statement.setObject(2, start);
                statement.setObject(3, start);
                statement.execute();
            }
        }
        return unknown;
    }

    private void lock() throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
            statement.setLong(1, lockKey);
            statement.execute();
        }
    }

    private void writeHubs(Batch batch) throws SQLException {
        if (!table.writesHub()) {
            return;
        }
        List<Hub> unknown = new ArrayList<>();
        for (Hub hub : batch.hubs.values()) {
            if (hub.known == null || hub.known.loadDate > hub.loadDate) {
                unknown.add(hub);
            }
        }
        if (unknown.isEmpty()) {
            return;
        }
        // In one order, for writers of other satellites lock the same hub rows.
        unknown.sort(Comparator.comparing(hub -> hub.hashKey, Arrays::compareUnsigned));
        try (PreparedStatement statement = connection.prepareStatement(hubStatement)) {
            bind(
                    statement,
                    1,
                    "bytea",
                    unknown.stream().map(h -> h.hashKey).toArray(byte[][]::new));
            bind(
                    statement,
                    2,
                    "text",
                    unknown.stream().map(h -> h.businessKey).toArray(String[]::new));
            bind(
                    statement,
                    3,
                    "bytea",
                    unknown.stream().map(Hub::tenantKey).toArray(byte[][]::new));
            bind(statement, 4, "int8", unknown.stream().map(h -> h.loadDate).toArray(Long[]::new));
            statement.executeUpdate();
        }
    }

    /** Tells hubs that others made, or that had another tenant, whose they are now. */
    private void writeTenants(Batch batch) throws SQLException {
        if (!table.writesHub()) {
            return;
        }
        List<Hub> hubs = new ArrayList<>();
        for (Hub hub : batch.hubs.values()) {
            if (hub.mayChangeTenant()) {
                hubs.add(hub);
            }
        }
        if (hubs.isEmpty()) {
            return;
        }
        hubs.sort(Comparator.comparing(hub -> hub.hashKey, Arrays::compareUnsigned));
        int changed;
        try (PreparedStatement statement = connection.prepareStatement(tenantStatement)) {
            bind(statement, 1, "bytea", hubs.stream().map(h -> h.hashKey).toArray(byte[][]::new));
            bind(statement, 2, "bytea", hubs.stream().map(Hub::tenantKey).toArray(byte[][]::new));
            bind(
                    statement,
                    3,
                    "bool",
                    hubs.stream().map(h -> h.lastLoadDate == h.latest).toArray(Boolean[]::new));
            changed = statement.executeUpdate();
        }
        if (changed > 0) {
            for (LinkWriter link : links) {
                link.followTenants(hubs.stream().map(h -> h.hashKey).toList());
            }
        }
    }

    private void writeSatellites(Batch batch) throws SQLException {
        List<Version> versions = batch.versions;
        try (PreparedStatement statement = connection.prepareStatement(satelliteStatement)) {
            bind(
                    statement,
                    1,
                    "bytea",
                    versions.stream().map(v -> v.hashKey).toArray(byte[][]::new));
            bind(statement, 2, "int8", versions.stream().map(v -> v.loadDate).toArray(Long[]::new));
            bind(
                    statement,
                    3,
                    "int8",
                    versions.stream().map(v -> v.loadEndDate).toArray(Long[]::new));
            bind(
                    statement,
                    4,
                    "bytea",
                    versions.stream().map(v -> v.difference).toArray(byte[][]::new));
            int parameter = 5;
            for (int c = 0; c < table.columns().size(); c++) {
                int column = c;
                VaultTable.ColumnType type = table.columns().get(c).type();
                bind(
                        statement,
                        parameter++,
                        type.arrayType(),
                        versions.stream().map(v -> v.payload.get(column)).toArray(type.array()));
            }
            statement.executeUpdate();
        }
    }

    /** Learns the open row of each hub that this writer has not met, or has forgotten. */
    private void findLatest(Batch batch) throws SQLException {
        List<Hub> unknown = new ArrayList<>();
        batch.hubs.forEach(
                (key, hub) -> {
                    hub.known = knownHubs.get(key);
                    if (hub.known == null) {
                        unknown.add(hub);
                    } else {
                        hub.latest = hub.known.latest;
                    }
                });
        if (unknown.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(latestStatement)) {
            bind(
                    statement,
                    1,
                    "bytea",
                    unknown.stream().map(h -> h.hashKey).toArray(byte[][]::new));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    unknown.get(rows.getInt(1) - 1).latest = rows.getLong(2);
                }
            }
        }
    }

    /**
     * Ends the open row of each hub whose rows in the batch all follow it, which is how rows come
     * unless something is late or replayed.
     *
     * @return the hubs whose history is to be looked at once their rows are written
     */
    private List<Hub> closeFollowed(Batch batch) throws SQLException {
        List<Hub> followed = new ArrayList<>();
        List<Hub> disordered = new ArrayList<>();
        for (Hub hub : batch.hubs.values()) {
            if (hub.latest >= hub.loadDate) {
                disordered.add(hub);
            } else if (hub.latest > Long.MIN_VALUE) {
                followed.add(hub);
            }
        }
        if (followed.isEmpty()) {
            return disordered;
        }
        try (PreparedStatement statement = connection.prepareStatement(followStatement)) {
            bind(
                    statement,
                    1,
                    "bytea",
                    followed.stream().map(h -> h.hashKey).toArray(byte[][]::new));
            bind(statement, 2, "int8", followed.stream().map(h -> h.latest).toArray(Long[]::new));
            bind(statement, 3, "int8", followed.stream().map(h -> h.loadDate).toArray(Long[]::new));
            if (statement.executeUpdate() == followed.size()) {
                return disordered;
            }
        }
        // Another writer was here since; what this one knows of these hubs is no longer so.
        return new ArrayList<>(batch.hubs.values());
    }

    private void endDate(List<Hub> hubs) throws SQLException {
        if (hubs.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(endDateStatement)) {
            bind(statement, 1, "bytea", hubs.stream().map(h -> h.hashKey).toArray(byte[][]::new));
            bind(statement, 2, "int8", hubs.stream().map(h -> h.loadDate).toArray(Long[]::new));
            bind(statement, 3, "int8", hubs.stream().map(h -> h.lastLoadDate).toArray(Long[]::new));
            statement.executeUpdate();
        }
    }

    private void bind(PreparedStatement statement, int parameter, String type, Object[] values)
            throws SQLException {
        Array array = connection.createArrayOf(type, values);
        statement.setArray(parameter, array);
    }

    private void rollback(Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private String hubStatement() {
        return """
        INSERT INTO %1$s.%2$s AS h (%3$s_hk, %3$s_bk, tenant_hk, load_date, record_source)
        SELECT hk, bk, tenant_hk, to_timestamp(load_date::float8 / 1000), %4$s
        FROM unnest(?::bytea[], ?::text[], ?::bytea[], ?::int8[]) AS b(hk, bk, tenant_hk, load_date)
        ON CONFLICT (%3$s_hk) DO UPDATE SET load_date = EXCLUDED.load_date
        WHERE EXCLUDED.load_date < h.load_date\
        """
                .formatted(table.schema(), table.hub(), table.key(), literal(table.recordSource()));
    }

    /** Of two newest rows with different tenants neither has the say. */
    private String tenantStatement() {
        return """
        UPDATE %1$s.%2$s h SET tenant_hk = CASE WHEN NOT b.tied THEN b.tenant_hk END
        FROM unnest(?::bytea[], ?::bytea[], ?::bool[]) AS b(hk, tenant_hk, tied)
        WHERE h.%3$s_hk = b.hk AND h.tenant_hk IS DISTINCT FROM b.tenant_hk
            AND (NOT b.tied OR h.tenant_hk IS NOT NULL)\
        """
                .formatted(table.schema(), table.hub(), table.key());
    }

    private String satelliteStatement() {
        List<Column> columns = table.columns();
        String names = columns.stream().map(Column::name).collect(Collectors.joining(", "));
        String expressions =
                columns.stream()
                        .map(c -> c.type().expression("b." + c.name()))
                        .collect(Collectors.joining(", "));
        String arrays =
                columns.stream()
                        .map(c -> "?::" + c.type().arrayType() + "[]")
                        .collect(Collectors.joining(", "));
        String updates =
                columns.stream()
                        .map(c -> c.name() + " = EXCLUDED." + c.name())
                        .collect(Collectors.joining(", "));
        List<String> rank = new ArrayList<>(table.rank());
        rank.add("hash_diff");
        return """
        INSERT INTO %1$s AS s
            (%2$s_hk, load_date, load_end_date, hash_diff, %3$s, record_source)
        SELECT b.hk, to_timestamp(b.load_date::float8 / 1000), to_timestamp(b.load_end_date::float8 / 1000),
            b.hash_diff, %4$s, %5$s
        FROM unnest(?::bytea[], ?::int8[], ?::int8[], ?::bytea[], %6$s)
            AS b(hk, load_date, load_end_date, hash_diff, %3$s)
        ON CONFLICT (%2$s_hk, load_date) DO UPDATE
        SET hash_diff = EXCLUDED.hash_diff, %7$s
        WHERE (%8$s) > (%9$s)\
        """
                .formatted(
                        table.qualifiedSatellite(),
                        table.key(),
                        names,
                        expressions,
                        literal(table.recordSource()),
                        arrays,
                        updates,
                        rank.stream().map(c -> "EXCLUDED." + c).collect(Collectors.joining(", ")),
                        rank.stream().map(c -> "s." + c).collect(Collectors.joining(", ")));
    }

    /**
     * Per hub: the rows of the batch, the one before and the one after, each ending at the next.
     */
    private String endDateStatement() {
        return """
        WITH touched AS (
            SELECT hk, to_timestamp(first::float8 / 1000) AS first, to_timestamp(last::float8 / 1000) AS last
            FROM unnest(?::bytea[], ?::int8[], ?::int8[]) AS b(hk, first, last)
        ), span AS (
            SELECT t.hk, n.load_date, n.load_end_date, t.last,
                lead(n.load_date) OVER (PARTITION BY t.hk ORDER BY n.load_date) AS next
            FROM touched t CROSS JOIN LATERAL (
                (SELECT s.load_date, s.load_end_date FROM %1$s s
                 WHERE s.%2$s_hk = t.hk AND s.load_date < t.first
                 ORDER BY s.load_date DESC LIMIT 1)
                UNION ALL
                SELECT s.load_date, s.load_end_date FROM %1$s s
                WHERE s.%2$s_hk = t.hk AND s.load_date BETWEEN t.first AND t.last
                UNION ALL
                (SELECT s.load_date, s.load_end_date FROM %1$s s
                 WHERE s.%2$s_hk = t.hk AND s.load_date > t.last
                 ORDER BY s.load_date LIMIT 1)) n
        )
        UPDATE %1$s s SET load_end_date = span.next
        FROM span
        WHERE s.%2$s_hk = span.hk AND s.load_date = span.load_date
            AND span.load_date <= span.last
            AND span.load_end_date IS DISTINCT FROM span.next\
        """
                .formatted(table.qualifiedSatellite(), table.key());
    }

    /** The load date of each hub's last row, by the hub's position in the array. */
    private String latestStatement() {
        return """
        SELECT b.position, (extract(epoch FROM n.load_date) * 1000)::int8
        FROM unnest(?::bytea[]) WITH ORDINALITY AS b(hk, position) CROSS JOIN LATERAL (
            SELECT s.load_date FROM %1$s s WHERE s.%2$s_hk = b.hk
            ORDER BY s.load_date DESC LIMIT 1) n\
        """
                .formatted(table.qualifiedSatellite(), table.key());
    }

    /**
     * The open row is told by a count of nulls, because {@code IS NULL} would invite the partial
     * index of open rows, which holds every series at the same moment, and because the planner
     * takes this test for one that nearly every row passes: had it to believe that few do, it would
     * compare each row of the table with each of the batch.
     */
    private String followStatement() {
        return """
        UPDATE %1$s s SET load_end_date = to_timestamp(b.next::float8 / 1000)
        FROM unnest(?::bytea[], ?::int8[], ?::int8[]) AS b(hk, latest, next)
        WHERE s.%2$s_hk = b.hk AND s.load_date = to_timestamp(b.latest::float8 / 1000)
            AND num_nulls(s.load_end_date) <> 0\
        """
                .formatted(table.qualifiedSatellite(), table.key());
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /**
     * What stands in the vault of a hub once a batch is committed, milliseconds since the epoch.
     *
     * @param loadDate at most what the hub's row says
     * @param latest of its open satellite row, unless another writer wrote since
     * @param tenant of the hub, empty for none; null when this writer does not know
     */
    private record Known(long loadDate, long latest, @Nullable String tenant) {}

    /** A hub as the batch knows it. */
    private static final class Hub {
        private final String businessKey;
        private final byte[] hashKey;
        private String tenant = "";
        private @Nullable Known known;
        private long latest = Long.MIN_VALUE;
        private long loadDate = Long.MAX_VALUE;
        private long lastLoadDate = Long.MIN_VALUE;

        private Hub(String businessKey, byte[] hashKey) {
            this.businessKey = businessKey;
            this.hashKey = hashKey;
        }

        private void add(VaultRow row) {
            String of = row.tenant() == null ? "" : row.tenant();
            if (row.loadDate() > lastLoadDate) {
                tenant = of;
            } else if (row.loadDate() == lastLoadDate && !of.equals(tenant)) {
                tenant = "";
            }
            loadDate = Math.min(loadDate, row.loadDate());
            lastLoadDate = Math.max(lastLoadDate, row.loadDate());
        }

        private byte @Nullable [] tenantKey() {
            return tenant.isEmpty() ? null : HashKey.ofTenant(tenant);
        }

        /** Whether its newest row is in the batch and may say another tenant than the hub does. */
        private boolean mayChangeTenant() {
            if (lastLoadDate < latest) {
                return false;
            }
            if (known == null) {
                // A hub without a row is new, or made by a link, and then it has no tenant.
                return latest > Long.MIN_VALUE || !tenant.isEmpty();
            }
            return !tenant.equals(known.tenant);
        }

        private Known written() {
            return new Known(
                    known == null ? loadDate : Math.min(known.loadDate, loadDate),
                    Math.max(latest, lastLoadDate),
                    writtenTenant());
        }

        private @Nullable String writtenTenant() {
            if (lastLoadDate > latest) {
                return tenant;
            }
            String before = known == null ? null : known.tenant;
            boolean differs = lastLoadDate == latest && !tenant.equals(before);
            return before != null && differs ? "" : before;
        }
    }

    /** A satellite row to be. */
    private static final class Version {
        private final byte[] hashKey;
        private final long loadDate;
        private final List<@Nullable Object> payload;
        private final byte[] difference;
        private @Nullable Long loadEndDate;

        private Version(byte[] hashKey, VaultRow row, List<@Nullable Object> payload) {
            this.hashKey = hashKey;
            this.loadDate = row.loadDate();
            this.payload = payload;
            this.difference = HashKey.difference(payload);
        }
    }

    /** Rows without duplicates, ordered by hub and time as every writer orders them. */
    private record Batch(Map<String, Hub> hubs, List<Version> versions) {

        static Batch of(VaultTable table, List<VaultRow> rows) {
            Map<String, Hub> hubs = new HashMap<>();
            Map<String, Map<Long, Version>> byHub = new HashMap<>();
            List<Integer> rank = rankIndexes(table);
            for (VaultRow row : rows) {
                String businessKey = Storable.text(row.businessKey());
                Hub hub =
                        hubs.computeIfAbsent(businessKey, key -> new Hub(key, table.hashKey(key)));
                hub.add(row);
                Version version = new Version(hub.hashKey, row, Storable.payload(row.payload()));
                byHub.computeIfAbsent(businessKey, key -> new HashMap<>())
                        .merge(row.loadDate(), version, (a, b) -> compare(a, b, rank) >= 0 ? a : b);
            }
            List<Version> versions = new ArrayList<>(rows.size());
            for (Map<Long, Version> ofHub : byHub.values()) {
                List<Version> ordered = new ArrayList<>(ofHub.values());
                ordered.sort(Comparator.comparingLong(v -> v.loadDate));
                for (int i = 0; i + 1 < ordered.size(); i++) {
                    ordered.get(i).loadEndDate = ordered.get(i + 1).loadDate;
                }
                versions.addAll(ordered);
            }
            versions.sort(
                    Comparator.<Version, byte[]>comparing(v -> v.hashKey, Arrays::compareUnsigned)
                            .thenComparingLong(v -> v.loadDate));
            return new Batch(hubs, versions);
        }

        private static List<Integer> rankIndexes(VaultTable table) {
            List<String> names = table.columns().stream().map(Column::name).toList();
            return table.rank().stream().map(names::indexOf).toList();
        }

        @SuppressWarnings("unchecked")
        private static int compare(Version a, Version b, List<Integer> rank) {
            for (int index : rank) {
                Comparable<Object> left = (Comparable<Object>) a.payload.get(index);
                Object right = b.payload.get(index);
                if (left == null || right == null) {
                    throw new IllegalArgumentException("a rank column holds null");
                }
                int order = left.compareTo(right);
                if (order != 0) {
                    return order;
                }
            }
            return Arrays.compareUnsigned(a.difference, b.difference);
        }
    }
}
