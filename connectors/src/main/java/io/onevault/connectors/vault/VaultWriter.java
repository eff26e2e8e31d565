package io.onevault.connectors.vault;

import io.onevault.connectors.vault.VaultBatch.Hub;
import io.onevault.connectors.vault.VaultBatch.Known;
import io.onevault.connectors.vault.VaultBatch.Version;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Applies batches of rows to one hub and one satellite, with the hub's links, or to a satellite
 * alone, each batch in one transaction.
 *
 * <p>What the tables hold afterwards depends on the set of rows ever applied, not on their order,
 * their batches or how often they came: a hub's load date is the earliest of its rows, its tenant
 * the one that every row names, or none where they differ, for whoever sees a hub sees all of its
 * rows; for one hub and load date the row of the greatest rank stands; each satellite row ends
 * where the next one of its hub begins, and the last is open. Each step is one statement over
 * arrays, for these are several times as fast as a statement a row.
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
        this.hubStatement = VaultStatements.hub(table);
        this.tenantStatement = VaultStatements.tenant(table);
        this.satelliteStatement = VaultStatements.satellite(table);
        this.endDateStatement = VaultStatements.endDate(table);
        this.latestStatement = VaultStatements.latest(table);
        this.followStatement = VaultStatements.follow(table);
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
            VaultBatch batch = VaultBatch.of(table, rows);
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
            batch.hubs().forEach((key, hub) -> knownHubs.put(key, hub.written()));
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
    private Set<YearMonth> ensurePartitions(VaultBatch batch) throws SQLException {
        Set<YearMonth> unknown = new HashSet<>();
        for (Version version : batch.versions()) {
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

    private void writeHubs(VaultBatch batch) throws SQLException {
        if (!table.writesHub()) {
            return;
        }
        List<Hub> unknown = new ArrayList<>();
        for (Hub hub : batch.hubs().values()) {
            if (hub.known == null || hub.known.loadDate() > hub.loadDate) {
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

    /**
     * Tells hubs that a link may have made whose they are, while they have no rows, and takes hubs
     * with rows from the tenant whom they no longer concern alone.
     */
    private void writeTenants(VaultBatch batch) throws SQLException {
        if (!table.writesHub()) {
            return;
        }
        List<Hub> hubs = new ArrayList<>();
        for (Hub hub : batch.hubs().values()) {
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
                    hubs.stream().map(h -> table.linked() && h.hasNoRow()).toArray(Boolean[]::new));
            changed = statement.executeUpdate();
        }
        if (changed > 0) {
            for (LinkWriter link : links) {
                link.followTenants(hubs.stream().map(h -> h.hashKey).toList());
            }
        }
    }

    private void writeSatellites(VaultBatch batch) throws SQLException {
        List<Version> versions = batch.versions();
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
    private void findLatest(VaultBatch batch) throws SQLException {
        List<Hub> unknown = new ArrayList<>();
        batch.hubs()
                .forEach(
                        (key, hub) -> {
                            hub.known = knownHubs.get(key);
                            if (hub.known == null) {
                                unknown.add(hub);
                            } else {
                                hub.latest = hub.known.latest();
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
    private List<Hub> closeFollowed(VaultBatch batch) throws SQLException {
        List<Hub> followed = new ArrayList<>();
        List<Hub> disordered = new ArrayList<>();
        for (Hub hub : batch.hubs().values()) {
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
        return new ArrayList<>(batch.hubs().values());
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
}
