-- What is each index made of?
--
-- poll: index_definitions
-- interval: 1h
-- requires: role pg_monitor
-- fact: index

-- pg_get_indexdef locks the table, and would wait for a user who locked it exclusively. So plain
-- indexes are described from the catalog, and only those with an expression or predicate by the
-- function, unless such a lock is held or wanted; then the definition is unknown this time.
WITH locked AS MATERIALIZED (
    SELECT DISTINCT l.relation
    FROM pg_locks l
    WHERE l.mode = 'AccessExclusiveLock' AND l.relation IS NOT NULL
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
),
indexes AS (
    SELECT i.*, n.nspname, t.relname AS tablename, x.relname AS indexname, a.amname,
           i.indexprs IS NULL AND i.indpred IS NULL AS plain,
           first_value(x.relname) OVER same AS first_equal,
           row_number() OVER same AS position
    FROM pg_index i
    JOIN pg_class x ON x.oid = i.indexrelid
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_am a ON a.oid = x.relam
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND x.relpersistence <> 't'
    WINDOW same AS (
        PARTITION BY i.indrelid, x.relam, i.indkey::text, i.indclass::text,
            i.indoption::text, i.indcollation::text, i.indexprs::text, i.indpred::text
        ORDER BY i.indisunique DESC, i.indexrelid)
),
columns AS (
    SELECT i.indexrelid,
           string_agg(coalesce(quote_ident(c.attname), '(expression)'), ', ' ORDER BY k.position)
               AS all_columns,
           string_agg(
               coalesce(quote_ident(c.attname), '(expression)')
                   || CASE WHEN o.opcdefault THEN '' ELSE ' ' || quote_ident(o.opcname) END
                   || CASE i.indoption[k.position - 1] & 3
                          WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST'
                          WHEN 3 THEN ' DESC' ELSE '' END,
               ', ' ORDER BY k.position) FILTER (WHERE k.position <= i.indnkeyatts) AS keys,
           string_agg(quote_ident(c.attname), ', ' ORDER BY k.position)
               FILTER (WHERE k.position > i.indnkeyatts) AS included
    FROM indexes i
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
    LEFT JOIN pg_attribute c ON c.attrelid = i.indrelid AND c.attnum = k.attnum AND k.attnum <> 0
    LEFT JOIN pg_opclass o ON o.oid = i.indclass[k.position - 1]
    GROUP BY i.indexrelid
)
SELECT clock_timestamp() AS measured_at,
       current_database() || '.' || i.nspname || '.' || i.indexname AS key,
       current_database() AS database,
       i.nspname AS schema,
       i.tablename AS "table",
       i.indexname AS name,
       c.all_columns AS columns,
       CASE
           WHEN i.plain THEN
               'CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END
                   || 'INDEX ' || quote_ident(i.indexname)
                   || ' ON ' || quote_ident(i.nspname) || '.' || quote_ident(i.tablename)
                   || ' USING ' || i.amname || ' (' || c.keys || ')'
                   || coalesce(' INCLUDE (' || c.included || ')', '')
           WHEN NOT EXISTS (
               SELECT FROM locked l WHERE l.relation IN (i.indrelid, i.indexrelid)) THEN
               pg_get_indexdef(i.indexrelid)
       END AS definition,
       i.amname AS method,
       i.indisunique AS "unique",
       i.indisprimary AS "primary",
       i.indisvalid AS valid,
       CASE WHEN i.position > 1 THEN i.first_equal ELSE '' END AS duplicate_of
FROM indexes i
JOIN columns c ON c.indexrelid = i.indexrelid;
