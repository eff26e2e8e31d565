-- Which months does each satellite hold, which are missing and which may go?

-- Which schemas the vault's tables live in; the last three are reserved for later.
CREATE FUNCTION util.vault_schemas() RETURNS TEXT[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        SELECT ARRAY['monitoring', 'lock_monitoring', 'capacity_planning', 'performance',
                     'backup_mgmt', 'disaster_recovery', 'maintenance']
    $$;

-- How long is each satellite's history kept? No row here: for ever.
CREATE TABLE util.retention_policy (
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    keep INTERVAL NOT NULL CHECK (keep >= INTERVAL '1 month'),
    -- True for descriptions and rules: a month that still holds a current row stays.
    keep_open_rows BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (schema_name, table_name)
);
COMMENT ON TABLE util.retention_policy IS
    'A month of a satellite is dropped when it ended longer than keep ago; satellites not listed are kept for ever';
GRANT SELECT ON util.retention_policy TO onevault_writer, onevault_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON util.retention_policy TO onevault_admin;

-- Who may see the rows of every tenant? Asked by the views, which on PostgreSQL 14 run with their owner's rights
-- and so past row security: the owner of the vault, the pipeline and administrators.
CREATE FUNCTION util.reads_every_tenant() RETURNS BOOLEAN
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        SELECT pg_has_role('onevault_admin', 'USAGE')
            OR pg_has_role('onevault_writer', 'USAGE')
            OR pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'util.retention_policy'::regclass), 'USAGE')
    $$;

-- Which tables are satellites of the vault: those partitioned by load_date in one of its schemas.
CREATE VIEW util.satellite AS
    SELECT c.oid::regclass AS satellite, n.nspname AS schema_name, c.relname AS table_name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_partitioned_table p ON p.partrelid = c.oid AND p.partstrat = 'r' AND p.partnatts = 1
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0] AND a.attname = 'load_date'
    WHERE n.nspname = ANY (util.vault_schemas());

-- Creates the partitions of one satellite for the months (UTC) from p_from to p_to, both included; returns how many
-- were missing. A partition is made beside its parent and attached: that takes SHARE UPDATE EXCLUSIVE on the parent,
-- which neither readers nor writers notice; the new table is empty, so there is nothing to validate.
-- It runs with its owner's rights so that the writer, who has no DDL, can keep a running pipeline's partitions
-- ahead. Therefore it makes nothing but months of the vault's own satellites, between 2000 and two years from now.
CREATE FUNCTION util.ensure_partitions(p_satellite REGCLASS, p_from TIMESTAMPTZ, p_to TIMESTAMPTZ) RETURNS INTEGER
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC'
    SET lock_timeout = '5s'
    AS $$
    DECLARE
        v_schema TEXT;
        v_table TEXT;
        v_partition TEXT;
        v_month TIMESTAMPTZ := date_trunc('month', p_from);
        v_created INTEGER := 0;
    BEGIN
        SELECT schema_name, table_name INTO v_schema, v_table FROM util.satellite WHERE satellite = p_satellite;
        IF v_schema IS NULL THEN
            RAISE EXCEPTION '% is no satellite of the vault', p_satellite USING ERRCODE = 'wrong_object_type';
        END IF;
        IF p_from IS NULL OR p_to IS NULL OR p_from > p_to
            OR p_from < '2000-01-01' OR p_to > now() + INTERVAL '2 years' THEN
            RAISE EXCEPTION 'partitions from % to % are outside 2000 to two years from now', p_from, p_to
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        -- One creator a time; released at the end of the transaction.
        PERFORM pg_advisory_xact_lock(hashtext('onevault'), hashtext('partitions'));
        WHILE v_month <= p_to LOOP
            v_partition := v_table || to_char(v_month, '"_y"YYYY"m"MM');
            IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = p_satellite
                           AND inhrelid = to_regclass(format('%I.%I', v_schema, v_partition))) THEN
                IF to_regclass(format('%I.%I', v_schema, v_partition)) IS NOT NULL THEN
                    RAISE EXCEPTION 'month % of % is past its retention and on its way out', v_month, p_satellite
                        USING ERRCODE = 'invalid_parameter_value';
                END IF;
                EXECUTE format('CREATE TABLE %I.%I (LIKE %I.%I INCLUDING ALL)',
                               v_schema, v_partition, v_schema, v_table);
                EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', v_schema, v_partition);
                EXECUTE format('ALTER TABLE %I.%I ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
                               v_schema, v_table, v_schema, v_partition, v_month, v_month + INTERVAL '1 month');
                v_created := v_created + 1;
            END IF;
            v_month := v_month + INTERVAL '1 month';
        END LOOP;
        RETURN v_created;
    END
    $$;

-- Creates the partitions of every satellite around the current month; returns how many were missing. Idempotent.
CREATE FUNCTION util.create_partitions(p_months_ahead INTEGER DEFAULT 3, p_months_back INTEGER DEFAULT 1)
    RETURNS INTEGER
    LANGUAGE plpgsql
    AS $$
    BEGIN
        -- More would exhaust the lock table of a small server in one transaction.
        IF p_months_ahead NOT BETWEEN 0 AND 12 OR p_months_back NOT BETWEEN 0 AND 12 THEN
            RAISE EXCEPTION 'months ahead (%) and back (%) must be 0 to 12', p_months_ahead, p_months_back
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        RETURN (
            SELECT coalesce(sum(util.ensure_partitions(
                satellite,
                now() - make_interval(months => p_months_back),
                now() + make_interval(months => p_months_ahead))), 0)
            FROM util.satellite);
    END
    $$;

-- Which months are past their retention, and how far is their removal? ATTACHED: to be detached; PENDING: a
-- concurrent detach was interrupted and is to be finalized; DETACHED: to be dropped. Detaching concurrently cannot
-- run inside a function, so the deployer's PartitionMaintenance does what this lists.
CREATE FUNCTION util.expired_partitions(p_now TIMESTAMPTZ DEFAULT now())
    RETURNS TABLE (schema_name TEXT, table_name TEXT, partition_name TEXT, state TEXT, keep_open_rows BOOLEAN)
    LANGUAGE sql STABLE
    SET timezone = 'UTC'
    AS $$
        WITH month AS (
            SELECT s.satellite, s.schema_name, s.table_name, c.oid, c.relname, c.relispartition,
                   r.keep, r.keep_open_rows, to_date(right(c.relname, 7), 'YYYY"m"MM')::timestamptz AS first_day
            FROM util.satellite s
            JOIN util.retention_policy r USING (schema_name, table_name)
            JOIN pg_class c ON c.relnamespace = s.schema_name::regnamespace AND c.relkind = 'r'
                AND c.relname ~ ('^' || s.table_name || '_y\d{4}m(0[1-9]|1[0-2])$')
        )
        SELECT m.schema_name, m.table_name, m.relname,
               CASE WHEN i.inhrelid IS NULL THEN 'DETACHED' WHEN i.inhdetachpending THEN 'PENDING' ELSE 'ATTACHED' END,
               m.keep_open_rows
        FROM month m
        LEFT JOIN pg_inherits i ON i.inhrelid = m.oid AND i.inhparent = m.satellite
        WHERE m.first_day + INTERVAL '1 month' + m.keep <= p_now AND (i.inhrelid IS NOT NULL OR NOT m.relispartition)
        -- What is half removed first: a satellite has room for one month on its way out.
        ORDER BY m.schema_name, m.table_name, i.inhdetachpending DESC NULLS FIRST, m.relname
    $$;

REVOKE EXECUTE ON FUNCTION util.ensure_partitions(REGCLASS, TIMESTAMPTZ, TIMESTAMPTZ) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION util.create_partitions(INTEGER, INTEGER) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION util.ensure_partitions(REGCLASS, TIMESTAMPTZ, TIMESTAMPTZ) TO onevault_writer, onevault_admin;
GRANT EXECUTE ON FUNCTION util.create_partitions(INTEGER, INTEGER) TO onevault_writer, onevault_admin;
GRANT SELECT ON util.satellite TO onevault_writer, onevault_reader, onevault_admin;
