-- Do clients wait for a server connection, and how long?
--
-- poll: pgbouncer_pools
-- interval: 10s
-- source: pgbouncer
-- metric: pgbouncer_clients_active | gauge | connections | PERFORMANCE | Clients linked to a server connection
-- metric: pgbouncer_clients_waiting | gauge | connections | PERFORMANCE | warning>1 | critical>20 | Clients that wait for a server connection
-- metric: pgbouncer_servers_active | gauge | connections | PERFORMANCE | Server connections linked to a client
-- metric: pgbouncer_servers_idle | gauge | connections | PERFORMANCE | Server connections ready for a client
-- metric: pgbouncer_servers_login | gauge | connections | PERFORMANCE | Server connections that log in
-- metric: pgbouncer_max_wait_seconds | gauge | s | PERFORMANCE | warning>1 | critical>10 | How long the first waiting client has waited

SHOW POOLS
