package io.onevault.connectors.vault;

import io.onevault.connectors.vault.VaultTable.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What {@link VaultWriter} says to the vault: statements over arrays, one element for a hub or row.
 * Times are milliseconds since the epoch.
 */
final class VaultStatements {

    private VaultStatements() {}

    static String hub(VaultTable table) {
        return """
        INSERT INTO %1$s.%2$s AS h (%3$s_hk, %3$s_bk, tenant_hk, load_date, record_source)
        SELECT hk, bk, tenant_hk, to_timestamp(load_date::float8 / 1000), %4$s
        FROM unnest(?::bytea[], ?::text[], ?::bytea[], ?::int8[]) AS b(hk, bk, tenant_hk, load_date)
        ON CONFLICT (%3$s_hk) DO UPDATE SET load_date = EXCLUDED.load_date
        WHERE EXCLUDED.load_date < h.load_date\
        """
                .formatted(table.schema(), table.hub(), table.key(), literal(table.recordSource()));
    }

    static String tenant(VaultTable table) {
        return """
        UPDATE %1$s.%2$s h SET tenant_hk = CASE WHEN h.tenant_hk IS NULL THEN b.tenant_hk END
        FROM unnest(?::bytea[], ?::bytea[], ?::bool[]) AS b(hk, tenant_hk, first)
        WHERE h.%3$s_hk = b.hk AND h.tenant_hk IS DISTINCT FROM b.tenant_hk
            AND (b.first OR h.tenant_hk IS NOT NULL)\
        """
                .formatted(table.schema(), table.hub(), table.key());
    }

    static String satellite(VaultTable table) {
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
    static String endDate(VaultTable table) {
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
    static String latest(VaultTable table) {
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
    static String follow(VaultTable table) {
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
}
