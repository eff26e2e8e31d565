-- Which sequences and identity columns run out?
--
-- poll: sequences
-- interval: 5m
-- requires: role pg_monitor
-- metric: sequence_used_pct | gauge | % | CAPACITY | warning>70 | critical>90 | Used share of a sequence, or of its column's integer type when that is smaller
-- metric: sequence_left | gauge | count | CAPACITY | Values a sequence can still give
-- metric: sequences_total | gauge | count | CAPACITY | Sequences that end, because they do not cycle
-- metric: sequences_unreadable | gauge | count | CAPACITY | Such sequences whose value the collector may not read; GRANT SELECT ON ALL SEQUENCES IN SCHEMA … TO it

-- Reading a value locks the sequence against ALTER for a moment: not while somebody has it locked.
WITH locked AS MATERIALIZED (
    SELECT DISTINCT l.relation
    FROM pg_locks l
    WHERE l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
      AND l.relation IS NOT NULL
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
),
sequences AS MATERIALIZED (
    SELECT c.oid, n.nspname, c.relname, s.seqincrement > 0 AS ascending, s.seqmin, s.seqmax,
           abs(s.seqincrement) AS step,
           min(CASE a.atttypid WHEN 'int2'::regtype THEN 32767
                               WHEN 'int4'::regtype THEN 2147483647 END) AS column_max,
           has_sequence_privilege(c.oid, 'SELECT, USAGE') AS readable
    FROM pg_sequence s
    JOIN pg_class c ON c.oid = s.seqrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
        AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE NOT s.seqcycle AND c.relpersistence <> 't'
    GROUP BY c.oid, n.nspname, c.relname, s.seqincrement, s.seqmin, s.seqmax
),
read AS (
    SELECT q.*,
           coalesce(
               pg_sequence_last_value(q.oid),
               CASE WHEN q.ascending THEN q.seqmin ELSE q.seqmax END)::numeric AS value,
           least(q.seqmax, coalesce(q.column_max, q.seqmax))::numeric AS top
    FROM sequences q
    WHERE q.readable AND NOT EXISTS (SELECT FROM locked l WHERE l.relation = q.oid)
)
SELECT clock_timestamp() AS measured_at,
       current_database() AS label_database,
       nspname AS label_schema,
       relname AS label_sequence,
       100 * CASE WHEN ascending THEN value - seqmin ELSE top - value END
           / greatest(top - seqmin, 1) AS sequence_used_pct,
       floor(greatest(CASE WHEN ascending THEN top - value ELSE value - seqmin END, 0) / step)
           AS sequence_left
FROM read
ORDER BY sequence_used_pct DESC, nspname, relname
LIMIT current_setting('onevault.top_relations')::int;

SELECT clock_timestamp() AS measured_at,
       current_database() AS label_database,
       count(*) AS sequences_total,
       count(*) FILTER (WHERE NOT has_sequence_privilege(c.oid, 'SELECT, USAGE'))
           AS sequences_unreadable
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
WHERE NOT s.seqcycle AND c.relpersistence <> 't';
