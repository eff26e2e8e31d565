-- Is a lock held that would make writers of a user's relation wait?
--
-- The smallest object id of a user's is 16384 (FirstNormalObjectId).

SELECT EXISTS (
    SELECT
    FROM pg_catalog.pg_locks l
    WHERE l.granted
      AND l.locktype = 'relation'
      AND l.relation::bigint >= 16384
      AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
);
