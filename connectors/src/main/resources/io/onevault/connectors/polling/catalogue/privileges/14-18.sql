-- Who may do what?
--
-- poll: privileges
-- interval: 5m
-- fact: privilege

-- Roles are told by their oid, for a role may be a person. What a role can become by its memberships counts as its
-- own power, however it gets there.
WITH RECURSIVE power (role, name) AS (
    SELECT r.oid, p.name
    FROM pg_roles r
    CROSS JOIN LATERAL (
        VALUES ('superuser', r.rolsuper), ('replication', r.rolreplication), ('bypassrls', r.rolbypassrls),
            -- They lead to the account of the server's system user.
            (r.rolname::text, r.rolname IN ('pg_read_server_files', 'pg_write_server_files',
                                            'pg_execute_server_program'))) p (name, has)
    WHERE p.has
    UNION
    SELECT m.member, p.name
    FROM power p
    JOIN pg_auth_members m ON m.roleid = p.role
)
SELECT clock_timestamp() AS measured_at,
       'role/' || r.oid AS key,
       coalesce((SELECT string_agg(p.name, ', ' ORDER BY p.name) FROM power p WHERE p.role = r.oid), '') AS powers,
       r.rolcanlogin AS login,
       r.rolcreaterole AS createrole,
       r.rolcreatedb AS createdb,
       r.rolinherit AS inherit,
       r.rolconnlimit AS connection_limit,
       coalesce((r.rolvaliduntil AT TIME ZONE 'UTC')::text, '') AS valid_until
FROM pg_roles r
WHERE r.rolname !~ '^pg_';

-- One row for each member, whoever granted it; inherit_option and set_option came with 16.
SELECT clock_timestamp() AS measured_at,
       'member/' || m.roleid || '/' || m.member AS key,
       CASE WHEN r.rolname ~ '^pg_' THEN r.rolname ELSE m.roleid::text END AS role,
       m.member AS member,
       bool_or(m.admin_option) AS admin,
       bool_or((to_jsonb(m) ->> 'inherit_option')::boolean) AS inherit,
       bool_or((to_jsonb(m) ->> 'set_option')::boolean) AS set
FROM pg_auth_members m
JOIN pg_roles r ON r.oid = m.roleid
JOIN pg_roles u ON u.oid = m.member
-- Those between the server's own roles come and go with its version.
WHERE u.rolname !~ '^pg_'
GROUP BY m.roleid, m.member, r.rolname;

SELECT clock_timestamp() AS measured_at,
       'database/' || d.datname AS key,
       encode(sha256(convert_to(string_agg(a::text, ' ' ORDER BY a::text), 'UTF8')), 'hex') AS privileges
FROM pg_database d
LEFT JOIN LATERAL aclexplode(d.datacl) a ON true
WHERE d.datacl IS NOT NULL
GROUP BY d.datname;

SELECT clock_timestamp() AS measured_at,
       'default/' || d.defaclrole || '/' || coalesce(n.nspname, '') || '/' || d.defaclobjtype::text AS key,
       encode(sha256(convert_to(string_agg(a::text, ' ' ORDER BY a::text), 'UTF8')), 'hex') AS privileges
FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
LEFT JOIN LATERAL aclexplode(d.defaclacl) a ON true
GROUP BY d.defaclrole, n.nspname, d.defaclobjtype;

-- Of schemas and what is in them only what was granted or revoked: what something new has by its owner's default
-- privileges is no change. Column privileges are left out, for they would need a scan of pg_attribute.
WITH object (what, type, oid, schema, owner, acl) AS (
    SELECT 'schema', 'n', n.oid, n.oid, n.nspowner, n.nspacl
    FROM pg_namespace n
    WHERE n.nspacl IS NOT NULL
    UNION ALL
    SELECT 'relations', CASE c.relkind WHEN 'S' THEN 'S' ELSE 'r' END, c.oid, c.relnamespace, c.relowner, c.relacl
    FROM pg_class c
    WHERE c.relacl IS NOT NULL AND c.relpersistence <> 't'
      -- Partitions come and go, and what creates them mostly grants on them what their parent has.
      AND NOT EXISTS (
          SELECT
          FROM pg_inherits i
          JOIN pg_class parent ON parent.oid = i.inhparent
          WHERE c.relispartition AND i.inhrelid = c.oid AND parent.relacl::text = c.relacl::text)
    UNION ALL
    SELECT 'functions', 'f', p.oid, p.pronamespace, p.proowner, p.proacl
    FROM pg_proc p
    WHERE p.proacl IS NOT NULL
),
creation AS (
    SELECT DISTINCT o.type, o.schema, o.owner
    FROM object o
),
usual (type, schema, owner, acl) AS MATERIALIZED (
    SELECT c.type, c.schema, c.owner, array_agg(g.privilege ORDER BY g.privilege)
    FROM creation c
    CROSS JOIN LATERAL (
        SELECT a::text AS privilege
        FROM aclexplode(coalesce(
            (SELECT d.defaclacl
             FROM pg_default_acl d
             WHERE d.defaclrole = c.owner AND d.defaclnamespace = 0 AND d.defaclobjtype = c.type::"char"),
            acldefault((CASE c.type WHEN 'S' THEN 's' ELSE c.type END)::"char", c.owner))) a
        UNION
        SELECT a::text
        FROM pg_default_acl d
        CROSS JOIN LATERAL aclexplode(d.defaclacl) a
        WHERE d.defaclrole = c.owner AND d.defaclnamespace = c.schema AND d.defaclobjtype = c.type::"char"
          AND c.type <> 'n') g
    GROUP BY c.type, c.schema, c.owner
),
present AS MATERIALIZED (
    SELECT o.what, o.type, o.oid, o.schema, o.owner,
           ARRAY(SELECT a::text FROM aclexplode(o.acl) a ORDER BY a::text) AS acl
    FROM object o
)
SELECT clock_timestamp() AS measured_at,
       p.what || '/' || n.nspname AS key,
       encode(sha256(convert_to(string_agg(p.oid || ' ' || p.acl::text, ' ' ORDER BY p.oid), 'UTF8')), 'hex') AS privileges
FROM present p
JOIN pg_namespace n ON n.oid = p.schema
LEFT JOIN usual u ON u.type = p.type AND u.schema = p.schema AND u.owner = p.owner
WHERE p.acl <> coalesce(u.acl, '{}') AND n.nspname !~ '^pg_(toast_)?temp_'
GROUP BY p.what, n.nspname;
