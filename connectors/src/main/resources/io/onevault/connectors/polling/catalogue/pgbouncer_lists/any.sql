-- How many clients, servers and pools does the pooler hold?
--
-- poll: pgbouncer_lists
-- interval: 30s
-- source: pgbouncer
-- metric: pgbouncer_clients | gauge | connections | CAPACITY | Client connections
-- metric: pgbouncer_servers | gauge | connections | CAPACITY | Server connections
-- metric: pgbouncer_pools | gauge | count | CAPACITY | Pools

SHOW LISTS
