-- What do all schemas of the vault share?
-- Hash keys, load dates, the tenant of a session, and roles with their grants.
--
-- The functions of One Vault's own util schema are kept where they exist; one that computes other hash
-- keys than Java does is refused, because every key of the vault would differ.

CREATE SCHEMA IF NOT EXISTS util;

-- ---------------------------------------------------------------------------------------------------
-- Hash keys and load dates
-- ---------------------------------------------------------------------------------------------------

DO $$
BEGIN
    IF to_regprocedure('util.hash_binary(text)') IS NULL THEN
        -- convert_to is only STABLE to PostgreSQL because a conversion can be replaced; that to UTF-8 never is.
        CREATE FUNCTION util.hash_binary(p_text TEXT) RETURNS BYTEA
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
            AS 'SELECT sha256(convert_to(p_text, ''UTF8''))';
        COMMENT ON FUNCTION util.hash_binary(TEXT) IS
            'SHA-256 of the UTF-8 bytes: the hash key of a business key, the same as Java computes';
    END IF;
    IF util.hash_binary(E'key\u00e9''"\\|') IS DISTINCT FROM sha256(convert_to(E'key\u00e9''"\\|', 'UTF8')) THEN
        RAISE EXCEPTION 'util.hash_binary(text) exists and is not the SHA-256 of the UTF-8 bytes'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = 'deploy into a database whose util.hash_binary(text) returns sha256(convert_to(text, ''UTF8''))';
    END IF;

    IF to_regprocedure('util.current_load_date()') IS NULL THEN
        CREATE FUNCTION util.current_load_date() RETURNS TIMESTAMPTZ
            LANGUAGE sql STABLE PARALLEL SAFE
            AS 'SELECT CURRENT_TIMESTAMP';
        COMMENT ON FUNCTION util.current_load_date() IS
            'The load date of rows people enter; rows of the pipeline take theirs from event time';
    END IF;

    IF to_regprocedure('util.get_record_source()') IS NULL THEN
        CREATE FUNCTION util.get_record_source() RETURNS VARCHAR
            LANGUAGE sql STABLE PARALLEL SAFE
            AS 'SELECT left(coalesce(nullif(current_setting(''app.record_source'', true), ''''),
                                     nullif(current_setting(''application_name'', true), ''''),
                                     session_user::text), 100)::varchar';
        COMMENT ON FUNCTION util.get_record_source() IS
            'Where a row entered by hand comes from: app.record_source, else the application, else the role';
    END IF;
END
$$;

-- ---------------------------------------------------------------------------------------------------
-- Tenant of a session
-- ---------------------------------------------------------------------------------------------------

CREATE FUNCTION util.current_tenant_hk() RETURNS BYTEA
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        SELECT CASE
            WHEN current_setting('app.current_tenant_id', true) ~ '^([0-9a-fA-F]{2})+$'
            THEN decode(current_setting('app.current_tenant_id', true), 'hex')
        END
    $$;
COMMENT ON FUNCTION util.current_tenant_hk() IS
    'The tenant named by app.current_tenant_id (hex of tenant_hk); null when unset or malformed';

CREATE FUNCTION util.no_current_tenant() RETURNS BOOLEAN
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('app.current_tenant_id', true), '') = '' $$;
COMMENT ON FUNCTION util.no_current_tenant() IS
    'Whether app.current_tenant_id is unset; a malformed value counts as set and matches no tenant';

CREATE FUNCTION util.series_tenant(p_series TEXT) RETURNS TEXT
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT nullif(
            CASE
                -- Without an escape, and that is nearly always, a plain split is ten times as fast.
                WHEN position('\' IN p_series) = 0 THEN split_part(p_series, '|', 2)
                ELSE regexp_replace(
                    (regexp_match(p_series, '^(?:[^|\\]|\\.)*\|((?:[^|\\]|\\.)*)\|'))[1], '\\(.)', '\1', 'g')
            END, '')
    $$;
COMMENT ON FUNCTION util.series_tenant(TEXT) IS
    'The tenant in a series'' business key target|tenant|metric|label=value…; null when it has none';

-- ---------------------------------------------------------------------------------------------------
-- Roles: group roles without login, shared by all databases of a cluster
-- ---------------------------------------------------------------------------------------------------

DO $$
DECLARE
    v_role TEXT;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['onevault_collector', 'onevault_writer', 'onevault_reader', 'onevault_admin'] LOOP
        IF to_regrole(v_role) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                -- Another database of this cluster is being deployed at the same moment.
                NULL;
            END;
        END IF;
    END LOOP;
    BEGIN
        IF NOT pg_has_role('onevault_collector', 'pg_monitor', 'MEMBER') THEN
            GRANT pg_monitor TO onevault_collector;
        END IF;
    EXCEPTION WHEN insufficient_privilege THEN
        -- The deployer's report says so.
        NULL;
    END;
END
$$;

GRANT USAGE ON SCHEMA util TO onevault_writer, onevault_reader, onevault_admin;

-- Grants and row-level security for every table of a schema that has none yet, from the catalogue, so that a table
-- cannot be forgotten. Called at the end of each migration that creates tables; narrower grants follow the call.
--   writer  reads and writes all rows, and cannot delete;
--   reader  sees its tenant's rows; without a tenant set, only rows that belong to none;
--   admin   sees and changes all rows.
-- Grants stand on the parents only: a partition that is named directly has row security and no policy, so it
-- shows nothing to anyone but its owner.
CREATE FUNCTION util.secure_schema(p_schema TEXT) RETURNS VOID
    LANGUAGE plpgsql
    AS $$
    DECLARE
        v_table RECORD;
        v_hub TEXT;
        v_visible TEXT;
    BEGIN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO onevault_writer, onevault_reader, onevault_admin', p_schema);
        FOR v_table IN
            SELECT c.oid, c.relname, k.attname AS key_column,
                   EXISTS (SELECT FROM pg_attribute t
                           WHERE t.attrelid = c.oid AND t.attname = 'tenant_hk' AND NOT t.attisdropped) AS has_tenant
            FROM pg_class c
            JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = 1
            WHERE c.relnamespace = p_schema::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = 'onevault_tenant')
            ORDER BY c.relname
        LOOP
            IF v_table.has_tenant THEN
                -- Sub-selects, so that the session's setting is read once a query and not once a row.
                v_visible := 'tenant_hk = (SELECT util.current_tenant_hk())'
                    || ' OR (tenant_hk IS NULL AND (SELECT util.no_current_tenant()))';
            ELSE
                SELECT h.relname INTO v_hub
                FROM pg_class h
                JOIN pg_attribute a ON a.attrelid = h.oid AND a.attnum = 1 AND a.attname = v_table.key_column
                WHERE h.relnamespace = p_schema::regnamespace AND h.relname LIKE '%\_h' AND h.relkind = 'r';
                -- The hub's own policy applies inside; EXISTS lets the planner probe or hash, as is cheaper.
                v_visible := CASE
                    WHEN v_hub IS NULL THEN 'false'
                    ELSE format('EXISTS (SELECT FROM %I.%I hub WHERE hub.%I = %I.%I)',
                                p_schema, v_hub, v_table.key_column, v_table.relname, v_table.key_column)
                END;
            END IF;
            EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', p_schema, v_table.relname);
            EXECUTE format('CREATE POLICY onevault_pipeline ON %I.%I TO onevault_writer, onevault_admin'
                || ' USING (true) WITH CHECK (true)', p_schema, v_table.relname);
            EXECUTE format('CREATE POLICY onevault_tenant ON %I.%I FOR SELECT TO onevault_reader USING (%s)',
                           p_schema, v_table.relname, v_visible);
            EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I.%I TO onevault_writer', p_schema, v_table.relname);
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO onevault_admin', p_schema, v_table.relname);
            EXECUTE format('GRANT SELECT ON %I.%I TO onevault_reader', p_schema, v_table.relname);
        END LOOP;
    END
    $$;
REVOKE EXECUTE ON FUNCTION util.secure_schema(TEXT) FROM PUBLIC;
