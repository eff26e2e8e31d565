-- What stands in the lock table, and who are the sessions in it?
--
-- Four statements, sent as one, so that they share a transaction: what the server says of itself, locks, sessions,
-- prepared transactions. Times are microseconds since the epoch. PostgreSQL 14 to 18; no relation of the user's is
-- touched. Predicate locks never block, and nobody waits for a relation's lock in the fast path, so both stay behind:
-- of a busy server's rows they are most. Sessions come from the function below pg_stat_activity, which would join the
-- table of roles once more.

SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
       current_setting('server_version'),
       (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database());

SELECT locktype, database, relation, page, tuple, virtualxid, transactionid, classid, objid, objsubid,
       virtualtransaction, pid, mode, granted, fastpath,
       (extract(epoch FROM waitstart) * 1000000)::bigint
FROM pg_catalog.pg_locks
WHERE mode <> 'SIReadLock'
  AND NOT (fastpath AND locktype = 'relation');

SELECT a.pid,
       (extract(epoch FROM a.backend_start) * 1000000)::bigint,
       a.backend_type,
       a.leader_pid,
       d.datname,
       r.rolname,
       r.rolsuper,
       a.application_name,
       coalesce(host(a.client_addr), CASE WHEN a.client_port = -1 THEN 'local' END),
       a.state,
       (extract(epoch FROM a.xact_start) * 1000000)::bigint,
       (extract(epoch FROM a.query_start) * 1000000)::bigint,
       (extract(epoch FROM a.state_change) * 1000000)::bigint,
       a.wait_event_type,
       a.wait_event,
       a.backend_xid,
       a.query_id,
       a.query
FROM pg_catalog.pg_stat_get_activity(NULL) a
LEFT JOIN pg_catalog.pg_database d ON d.oid = a.datid
LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid;

SELECT transaction, gid, (extract(epoch FROM prepared) * 1000000)::bigint, owner, database
FROM pg_catalog.pg_prepared_xacts;
