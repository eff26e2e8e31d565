-- How full is each database's pool, and is it open?
--
-- poll: pgbouncer_databases
-- interval: 60s
-- source: pgbouncer
-- metric: pgbouncer_database_connections | gauge | connections | CAPACITY | Server connections of a database
-- metric: pgbouncer_database_pool_size | gauge | connections | CAPACITY | Server connections a user may have to a database
-- metric: pgbouncer_database_paused | gauge | count | AVAILABILITY | warning>1 | worst | 1 when the database is paused
-- metric: pgbouncer_database_disabled | gauge | count | AVAILABILITY | warning>1 | worst | 1 when the database is disabled

SHOW DATABASES
