-- Does the server answer, how fast, and since when does it run?
--
-- poll: target
-- interval: 10s
-- metric: target_up | gauge | count | AVAILABILITY | critical<0 | worst | 1 when the target answered, 0 when it did not
-- metric: target_latency_ms | gauge | ms | AVAILABILITY | warning>500 | critical>2000 | Time of a round trip to the target, connecting included
-- metric: clock_skew_ms | gauge | ms | AVAILABILITY | warning>1000 | critical>10000 | The target's clock minus the collector's
-- metric: server_uptime_seconds | gauge | s | AVAILABILITY | Time since the server was started
-- metric: server_restarted | gauge | count | AVAILABILITY | warning>1 | worst | 1 in the first look after a restart, else 0
-- metric: server_in_recovery | gauge | count | AVAILABILITY | 1 when the server is a standby or recovers
-- metric: poll_duration_ms | gauge | ms | PERFORMANCE | warning>5000 | Time one run of a poll took, by poll

-- One probe of the postmaster's and the server's clock; touches no table.
SELECT clock_timestamp() AS measured_at,
       extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) AS server_uptime_seconds,
       pg_is_in_recovery()::int AS server_in_recovery;
