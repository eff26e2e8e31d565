-- How much goes through the pooler, and how long does it take?
--
-- poll: pgbouncer_stats
-- interval: 30s
-- source: pgbouncer
-- metric: pgbouncer_transactions | counter | per_second | PERFORMANCE | Transactions pooled
-- metric: pgbouncer_queries | counter | per_second | PERFORMANCE | Queries pooled
-- metric: pgbouncer_received_bytes | counter | bytes_per_second | PERFORMANCE | Bytes received from clients
-- metric: pgbouncer_sent_bytes | counter | bytes_per_second | PERFORMANCE | Bytes sent to clients
-- metric: pgbouncer_query_time_ms | ratio | ms | PERFORMANCE | Mean time of a query
-- metric: pgbouncer_transaction_time_ms | ratio | ms | PERFORMANCE | Mean time of a transaction, idle in it included
-- metric: pgbouncer_wait_time_ms | ratio | ms | PERFORMANCE | warning>100 | critical>1000 | Mean wait for a server connection, per transaction

SHOW STATS
