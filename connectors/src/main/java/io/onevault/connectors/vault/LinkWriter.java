package io.onevault.connectors.vault;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes one link of a batch's rows, in the transaction that writes their hubs and satellites, so
 * that whoever sees a link sees the hub it came from. The other hub's row may not be there yet,
 * because its own writer is slower; then it is made, without tenant, and that writer says whose it
 * is.
 *
 * <p>A link's load date is the earliest of the rows that name it, its tenant the present one of its
 * rows' hub: both are independent of order and repetition.
 */
final class LinkWriter {

    private final VaultTable table;
    private final VaultLink link;
    private final Connection connection;

    LinkWriter(VaultTable table, VaultLink link, Connection connection) {
        this.table = table;
        this.link = link;
        this.connection = connection;
    }

    /** Writes the links of {@code rows}, whose own hubs are written. */
    void write(List<VaultRow> rows) throws SQLException {
        Map<Ends, Long> links = new HashMap<>();
        Map<String, Long> others = new HashMap<>();
        for (VaultRow row : rows) {
            for (VaultRow.Link named : row.links()) {
                if (named.table().equals(link.table())) {
                    String own = Storable.text(row.businessKey());
                    String other = Storable.text(named.businessKey());
                    links.merge(new Ends(own, other), row.loadDate(), Math::min);
                    others.merge(other, row.loadDate(), Math::min);
                }
            }
        }
        if (!links.isEmpty()) {
            writeOtherHubs(others);
            writeLinks(links);
        }
    }

    /** Gives the links of these hubs the tenants that the hubs have now. */
    void followTenants(Collection<byte[]> hubs) throws SQLException {
        String sql =
                """
                UPDATE %1$s.%2$s l SET tenant_hk = h.tenant_hk
                FROM unnest(?::bytea[]) AS b(hk) JOIN %1$s.%3$s h ON h.%4$s_hk = b.hk
                WHERE l.%4$s_hk = b.hk AND l.tenant_hk IS DISTINCT FROM h.tenant_hk\
                """
                        .formatted(table.schema(), link.table(), table.hub(), table.key());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, 1, "bytea", hubs.toArray(byte[][]::new));
            statement.executeUpdate();
        }
    }

    private void writeOtherHubs(Map<String, Long> others) throws SQLException {
        // In the one order of all who write to that hub.
        TreeMap<byte[], String> ordered = new TreeMap<>(Arrays::compareUnsigned);
        others.keySet().forEach(key -> ordered.put(HashKey.of(key), key));
        try (PreparedStatement statement = connection.prepareStatement(otherHubStatement())) {
            bind(statement, 1, "bytea", ordered.keySet().toArray(byte[][]::new));
            bind(statement, 2, "text", ordered.values().toArray(String[]::new));
            bind(
                    statement,
                    3,
                    "int8",
                    ordered.values().stream().map(others::get).toArray(Long[]::new));
            statement.executeUpdate();
        }
    }

    private void writeLinks(Map<Ends, Long> links) throws SQLException {
        int count = links.size();
        byte[][] keys = new byte[count][];
        byte[][] owns = new byte[count][];
        byte[][] others = new byte[count][];
        Long[] loadDates = new Long[count];
        int i = 0;
        for (Map.Entry<Ends, Long> entry : links.entrySet()) {
            Ends ends = entry.getKey();
            keys[i] = link.hashKey(ends.own, ends.other);
            owns[i] = HashKey.of(ends.own);
            others[i] = HashKey.of(ends.other);
            loadDates[i++] = entry.getValue();
        }
        try (PreparedStatement statement = connection.prepareStatement(linkStatement())) {
            bind(statement, 1, "bytea", keys);
            bind(statement, 2, "bytea", owns);
            bind(statement, 3, "bytea", others);
            bind(statement, 4, "int8", loadDates);
            statement.executeUpdate();
        }
    }

    /** What is there already is not locked: the hub's own writer is not to wait for links. */
    private String otherHubStatement() {
        return """
        INSERT INTO %1$s.%2$s AS h (%3$s_hk, %3$s_bk, tenant_hk, load_date, record_source)
        SELECT b.hk, b.bk, NULL::bytea, to_timestamp(b.load_date::float8 / 1000), %4$s
        FROM unnest(?::bytea[], ?::text[], ?::int8[]) AS b(hk, bk, load_date)
        WHERE NOT EXISTS (
            SELECT FROM %1$s.%2$s e
            WHERE e.%3$s_hk = b.hk AND e.load_date <= to_timestamp(b.load_date::float8 / 1000))
        ON CONFLICT (%3$s_hk) DO UPDATE SET load_date = EXCLUDED.load_date
        WHERE EXCLUDED.load_date < h.load_date\
        """
                .formatted(
                        table.schema(),
                        link.otherHub(),
                        link.otherKey(),
                        VaultStatements.literal(table.recordSource()));
    }

    private String linkStatement() {
        return """
        INSERT INTO %1$s.%2$s AS l (%3$s_hk, %4$s_hk, %5$s_hk, tenant_hk, load_date, record_source)
        SELECT b.hk, b.own, b.other, h.tenant_hk, to_timestamp(b.load_date::float8 / 1000), %7$s
        FROM unnest(?::bytea[], ?::bytea[], ?::bytea[], ?::int8[]) AS b(hk, own, other, load_date)
        JOIN %1$s.%6$s h ON h.%4$s_hk = b.own
        WHERE NOT EXISTS (
            SELECT FROM %1$s.%2$s e
            WHERE e.%3$s_hk = b.hk AND e.load_date <= to_timestamp(b.load_date::float8 / 1000)
                AND e.tenant_hk IS NOT DISTINCT FROM h.tenant_hk)
        ON CONFLICT (%3$s_hk) DO UPDATE
        SET load_date = least(l.load_date, EXCLUDED.load_date), tenant_hk = EXCLUDED.tenant_hk\
        """
                .formatted(
                        table.schema(),
                        link.table(),
                        link.key(),
                        table.key(),
                        link.otherKey(),
                        table.hub(),
                        VaultStatements.literal(table.recordSource()));
    }

    private void bind(PreparedStatement statement, int parameter, String type, Object[] values)
            throws SQLException {
        statement.setArray(parameter, connection.createArrayOf(type, values));
    }

    /** The business keys of both hubs. */
    private record Ends(String own, String other) {}
}
