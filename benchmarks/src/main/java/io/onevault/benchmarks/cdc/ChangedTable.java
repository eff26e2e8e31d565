package io.onevault.benchmarks.cdc;

import java.util.List;

/**
 * A table whose rows change, with the statements that change those with {@code ? <= id < ?}.
 *
 * @param name with schema
 */
record ChangedTable(String name, String definition, String insert, String update, String delete) {

    /** Whole old rows are logged. */
    static final ChangedTable ORDERS =
            table(
                    "public.orders",
                    """
                    customer int NOT NULL, state text NOT NULL, total numeric(12,2) NOT NULL,
                    placed timestamptz NOT NULL, paid boolean NOT NULL, note text, items int[],
                    reference uuid NOT NULL\
                    """,
                    """
                    i, i % 977, (ARRAY['new','packed','sent'])[1 + i % 3], i % 100000 / 100.0,
                    timestamptz '2026-01-01 UTC' + i * interval '1 second 17 ms', i % 2 = 0,
                    CASE WHEN i % 4 = 0 THEN 'leave at door ' || i END,
                    ARRAY[i % 7, i % 11, i % 13], md5(i::text)::uuid\
                    """,
                    "state = 'sent', total = total + 1, paid = true");

    static final ChangedTable EVENTS =
            table(
                    "public.events",
                    """
                    at timestamptz NOT NULL, kind smallint NOT NULL, payload jsonb NOT NULL,
                    raw bytea, tags text[]\
                    """,
                    """
                    i, timestamptz '2026-01-01 UTC' + i * interval '31 ms', i % 19,
                    jsonb_build_object('user', i % 5000, 'page', '/shop/' || i % 300,
                    'seconds', i % 60, 'mobile', i % 3 = 0),
                    decode(md5(i::text) || md5((i + 1)::text), 'hex'),
                    ARRAY['tag' || i % 5, 'area ' || i % 9]\
                    """,
                    "kind = 20, payload = payload || '{\"seen\": true}'");

    static final ChangedTable READINGS =
            table(
                    "public.readings",
                    """
                    sensor int NOT NULL, value double precision, amount numeric, day date,
                    measured timestamp NOT NULL\
                    """,
                    """
                    i, i % 400, sqrt(i), i * 1.000001, date '2026-01-01' + i % 365,
                    timestamp '2026-01-01' + i * interval '7 ms'\
                    """,
                    "value = value + 0.5");

    static final List<ChangedTable> ALL = List.of(ORDERS, EVENTS, READINGS);

    private static ChangedTable table(String name, String columns, String row, String change) {
        return new ChangedTable(
                name,
                "CREATE TABLE " + name + " (id bigint PRIMARY KEY, " + columns + ")",
                "INSERT INTO " + name + " SELECT " + row + " FROM generate_series(?, ? - 1) AS i",
                "UPDATE " + name + " SET " + change + " WHERE id >= ? AND id < ?",
                "DELETE FROM " + name + " WHERE id >= ? AND id < ?");
    }
}
