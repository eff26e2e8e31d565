-- How much does each tenant store, where tenants have schemas or owning roles of their own?
--
-- poll: tenants
-- interval: 5m
-- requires: role pg_monitor
-- metric: tenant_size_bytes | gauge | bytes | CAPACITY | Estimated size of a tenant's tables with their indexes and TOAST
-- metric: tenant_tables | gauge | count | CAPACITY | Tables of a tenant
-- metric: tenant_live_tuples | gauge | count | CAPACITY | Estimated live rows of a tenant's tables

-- Without locks, as in the poll "tables". The schema decides; where it names no tenant, the owner.
WITH relations AS (
    SELECT c.oid, c.relkind, c.relpages, c.reltuples,
           coalesce(
               substring(n.nspname FROM nullif(current_setting('onevault.tenant_of_schema'), '')),
               substring(r.rolname FROM nullif(current_setting('onevault.tenant_of_role'), '')))
               AS tenant,
           c.reltoastrelid
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_roles r ON r.oid = c.relowner
    WHERE c.relkind IN ('r', 'm')
      AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema')
),
pages AS (
    SELECT r.oid, r.tenant, r.reltuples,
           r.relpages + coalesce(t.relpages, 0) + coalesce(sum(x.relpages), 0) AS pages
    FROM relations r
    LEFT JOIN pg_class t ON t.oid = r.reltoastrelid
    LEFT JOIN pg_index i ON i.indrelid IN (r.oid, r.reltoastrelid)
    LEFT JOIN pg_class x ON x.oid = i.indexrelid
    WHERE r.tenant IS NOT NULL
    GROUP BY r.oid, r.tenant, r.reltuples, r.relpages, t.relpages
)
SELECT clock_timestamp() AS measured_at,
       tenant,
       current_database() AS label_database,
       sum(pages * current_setting('block_size')::bigint
           * greatest(1, CASE WHEN reltuples > 0
                              THEN pg_stat_get_live_tuples(oid) / reltuples ELSE 1 END))
           AS tenant_size_bytes,
       count(*) AS tenant_tables,
       sum(pg_stat_get_live_tuples(oid)) AS tenant_live_tuples
FROM pages
GROUP BY tenant
ORDER BY sum(pages) DESC, tenant
LIMIT current_setting('onevault.top_relations')::int;
