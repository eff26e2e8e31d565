-- Does this database have the vault model's tables of roles, and may this user read all of them?
--
-- Privileges are asked by object id, for the name of a table in a schema one may not use is an error. Row security
-- could hide an administrator.

SELECT count(*) = 3,
       coalesce(bool_and(has_schema_privilege(n.oid, 'USAGE')
                         AND has_table_privilege(c.oid, 'SELECT')
                         AND NOT row_security_active(c.oid)), false)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'auth'
  AND c.relname IN ('user_profile_s', 'user_role_l', 'role_h');
