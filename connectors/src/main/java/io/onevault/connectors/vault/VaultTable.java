package io.onevault.connectors.vault;

import java.io.Serializable;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A hub and one of its satellites.
 *
 * @param schema of both tables
 * @param hub name of the hub's table, e.g. {@code system_health_h}; empty for a satellite of a hub
 *     that others own: its rows name their hub by hash key, see {@link #satelliteOnly}
 * @param satellite name of the satellite's table, e.g. {@code system_health_s}
 * @param key prefix of the hub's key columns: {@code health_metric} for {@code health_metric_hk}
 *     and {@code health_metric_bk}
 * @param columns the satellite's payload, in the order of {@link VaultRow#payload}
 * @param rank payload columns that decide which of two rows for one hub and load date stands: the
 *     greater, compared in this order, then by hash difference
 * @param recordSource what the rows say of their origin
 * @param links from the hub to others, which {@link VaultRow#links} name
 * @param linked whether links of other tables name the hub, and so may make it before its first row
 *     is there; then it has no other satellite than this one
 */
public record VaultTable(
        String schema,
        String hub,
        String satellite,
        String key,
        List<Column> columns,
        List<String> rank,
        String recordSource,
        List<VaultLink> links,
        boolean linked)
        implements Serializable {

    public VaultTable {
        columns = List.copyOf(columns);
        rank = List.copyOf(rank);
        links = List.copyOf(links);
        if (hub.isEmpty() && !links.isEmpty()) {
            throw new IllegalArgumentException(
                    "a link is keyed by business keys, which a satellite alone does not know");
        }
    }

    /** A hub without links. */
    public VaultTable(
            String schema,
            String hub,
            String satellite,
            String key,
            List<Column> columns,
            List<String> rank,
            String recordSource) {
        this(schema, hub, satellite, key, columns, rank, recordSource, List.of(), false);
    }

    /** The same with links. */
    public VaultTable withLinks(VaultLink... links) {
        return new VaultTable(
                schema, hub, satellite, key, columns, rank, recordSource, List.of(links), linked);
    }

    /** The same, its hub named by links of others. */
    public VaultTable whichLinksName() {
        return new VaultTable(
                schema, hub, satellite, key, columns, rank, recordSource, links, true);
    }

    /**
     * A satellite whose hub others write, and not necessarily with a key that this pipeline could
     * compute. A row's {@link VaultRow#businessKey} is the hub's hash key as hexadecimal digits.
     */
    public static VaultTable satelliteOnly(
            String schema,
            String satellite,
            String key,
            List<Column> columns,
            List<String> rank,
            String recordSource) {
        return new VaultTable(schema, "", satellite, key, columns, rank, recordSource);
    }

    /** Whether the hub's rows are written with the satellite's. */
    boolean writesHub() {
        return !hub.isEmpty();
    }

    /** The hash key that a row's business key stands for. */
    byte[] hashKey(String businessKey) {
        return writesHub() ? HashKey.of(businessKey) : HexFormat.of().parseHex(businessKey);
    }

    /** The satellite with its schema. */
    public String qualifiedSatellite() {
        return schema + "." + satellite;
    }

    /**
     * A payload column.
     *
     * @param name in the table
     * @param type of its values in Java and SQL
     * @param ifAbsent its value in rows that wait in a savepoint from before the column was there
     */
    public record Column(String name, ColumnType type, @Nullable Serializable ifAbsent)
            implements Serializable {

        /** A column that is null in rows from before it was there. */
        public Column(String name, ColumnType type) {
            this(name, type, null);
        }
    }

    /** How a payload value travels: its Java class, the array it is sent in, the cast in SQL. */
    public enum ColumnType {
        /** {@link String}. */
        TEXT("text", "%s", String[]::new),
        /** {@link String} holding JSON. */
        JSON("text", "%s::jsonb", String[]::new),
        /** {@link Double}. */
        DOUBLE("float8", "%s", Double[]::new),
        /** {@link Long}. */
        LONG("int8", "%s", Long[]::new),
        /** {@link Integer}. */
        INTEGER("int4", "%s", Integer[]::new),
        /** {@link Boolean}. */
        BOOLEAN("bool", "%s", Boolean[]::new),
        /** {@link Double}, seconds. */
        INTERVAL("float8", "make_interval(secs => %s)", Double[]::new),
        /** {@code byte[]}. */
        BYTES("bytea", "%s", byte[][]::new),
        /** {@link Long}, milliseconds since the epoch. */
        TIMESTAMP("int8", "to_timestamp(%s::float8 / 1000)", Long[]::new),
        /** {@link Long}, microseconds since the epoch. */
        TIMESTAMP_MICROS(
                "int8", "timestamptz 'epoch' + %s * interval '1 microsecond'", Long[]::new),
        /** {@link String}, an array's text form as PostgreSQL writes it: {@code {1,2}}. */
        INTEGER_ARRAY("text", "%s::integer[]", String[]::new),
        /** {@link String}, an array's text form as PostgreSQL writes it. */
        TEXT_ARRAY("text", "%s::text[]", String[]::new),
        /** {@link String}, a moment as the server writes it, with all its digits. */
        TIMESTAMP_TEXT("text", "%s::timestamptz", String[]::new);

        private final String arrayType;
        private final String expression;
        private final IntFunction<Object[]> array;

        ColumnType(String arrayType, String expression, IntFunction<Object[]> array) {
            this.arrayType = arrayType;
            this.expression = expression;
            this.array = array;
        }

        String arrayType() {
            return arrayType;
        }

        /** Makes arrays of the values' class, which pgjdbc sends in binary. */
        IntFunction<Object[]> array() {
            return array;
        }

        String expression(String column) {
            return String.format(expression, column);
        }
    }
}
