-- How many processes wait for a lock, when wait events of others are hidden?
--
-- The lock table hides nothing, but every look at it stops the lock manager for a moment.

SELECT count(DISTINCT pid) FROM pg_catalog.pg_locks WHERE NOT granted;
