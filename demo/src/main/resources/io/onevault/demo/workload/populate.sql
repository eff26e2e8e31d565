-- What is there before the workload starts?
-- Reads the temporary table tenant_plan (tenant_bk, assets, users) and the setting workload.seed. Every value is
-- derived from the seed and the row's number, and every date from a fixed day, so that the same seed gives the same
-- rows. A business key is tenant/kind/number; its hash key is the SHA-256 of it.

CREATE FUNCTION pg_temp.hk(business_key TEXT) RETURNS BYTEA
    LANGUAGE sql IMMUTABLE AS $$ SELECT sha256(convert_to(business_key, 'UTF8')) $$;

-- A number from 0 to bound - 1.
CREATE FUNCTION pg_temp.pick(salt TEXT, bound INTEGER) RETURNS INTEGER
    LANGUAGE sql STABLE AS $$
        SELECT (('x' || substr(md5(current_setting('workload.seed') || salt), 1, 7))::bit(28)::int) % bound
    $$;

CREATE TEMPORARY TABLE asset_plan ON COMMIT DROP AS
SELECT tenant_bk, n, tenant_bk || '/asset/' || n AS bk,
       TIMESTAMPTZ '2026-01-01 00:00:00+00' + n * INTERVAL '1 minute' AS at
FROM tenant_plan CROSS JOIN LATERAL generate_series(0, assets - 1) AS n;

INSERT INTO business.asset_h (asset_hk, asset_bk, tenant_hk, load_date)
SELECT pg_temp.hk(bk), bk, pg_temp.hk(tenant_bk), at FROM asset_plan ORDER BY bk;
INSERT INTO business.asset_details_s (asset_hk, load_date, hash_diff, asset_name, asset_type, asset_value, attributes)
SELECT pg_temp.hk(bk), at, pg_temp.hk(bk || '/1'), 'Asset ' || n,
       (ARRAY['VEHICLE', 'MACHINE', 'BUILDING', 'LICENCE'])[1 + pg_temp.pick(bk || 't', 4)],
       100 + pg_temp.pick(bk || 'v', 100000), jsonb_build_object('serial', md5(bk))
FROM asset_plan ORDER BY bk;

CREATE TEMPORARY TABLE customer_plan ON COMMIT DROP AS
SELECT tenant_bk, n, tenant_bk || '/customer/' || n AS bk,
       TIMESTAMPTZ '2026-01-01 00:00:00+00' + n * INTERVAL '1 minute' AS at
FROM tenant_plan CROSS JOIN LATERAL generate_series(0, assets / 4 - 1) AS n;

INSERT INTO business.customer_h (customer_hk, customer_bk, tenant_hk, load_date)
SELECT pg_temp.hk(bk), bk, pg_temp.hk(tenant_bk), at FROM customer_plan ORDER BY bk;
INSERT INTO business.customer_profile_s (customer_hk, load_date, hash_diff, customer_name, segment, country)
SELECT pg_temp.hk(bk), at, pg_temp.hk(bk || '/1'), 'Customer ' || n,
       (ARRAY['RETAIL', 'BUSINESS', 'PUBLIC'])[1 + pg_temp.pick(bk || 's', 3)],
       (ARRAY['DE', 'FR', 'US', 'JP'])[1 + pg_temp.pick(bk || 'c', 4)]
FROM customer_plan ORDER BY bk;

CREATE TEMPORARY TABLE transaction_plan ON COMMIT DROP AS
SELECT tenant_bk, n, assets, tenant_bk || '/transaction/' || n AS bk,
       TIMESTAMPTZ '2026-01-01 00:00:00+00' + n * INTERVAL '1 minute' AS at
FROM tenant_plan CROSS JOIN LATERAL generate_series(0, assets * 2 - 1) AS n;

INSERT INTO business.transaction_h (transaction_hk, transaction_bk, tenant_hk, load_date)
SELECT pg_temp.hk(bk), bk, pg_temp.hk(tenant_bk), at FROM transaction_plan ORDER BY bk;
INSERT INTO business.transaction_details_s
    (transaction_hk, load_date, hash_diff, transaction_status, amount, currency, description)
SELECT pg_temp.hk(bk), at, pg_temp.hk(bk || '/1'), 'SETTLED', 1 + pg_temp.pick(bk || 'a', 50000), 'EUR',
       'Order ' || md5(bk)
FROM transaction_plan ORDER BY bk;
INSERT INTO business.customer_transaction_l (customer_transaction_hk, customer_hk, transaction_hk, load_date)
SELECT pg_temp.hk(bk || '/customer'), pg_temp.hk(tenant_bk || '/customer/' || pg_temp.pick(bk || 'k', assets / 4)),
       pg_temp.hk(bk), at
FROM transaction_plan ORDER BY bk;
INSERT INTO business.transaction_asset_l (transaction_asset_hk, transaction_hk, asset_hk, load_date)
SELECT pg_temp.hk(bk || '/asset'), pg_temp.hk(bk),
       pg_temp.hk(tenant_bk || '/asset/' || pg_temp.pick(bk || 'x', assets)), at
FROM transaction_plan ORDER BY bk;

INSERT INTO auth.tenant_h (tenant_hk, tenant_bk, load_date, record_source)
SELECT pg_temp.hk(tenant_bk), tenant_bk, TIMESTAMPTZ '2026-01-01 00:00:00+00', 'WORKLOAD'
FROM tenant_plan ORDER BY tenant_bk
ON CONFLICT DO NOTHING;
INSERT INTO auth.tenant_profile_s (tenant_hk, load_date, hash_diff, tenant_name, record_source)
SELECT pg_temp.hk(tenant_bk), TIMESTAMPTZ '2026-01-01 00:00:00+00', pg_temp.hk(tenant_bk || '/1'),
       initcap(tenant_bk), 'WORKLOAD'
FROM tenant_plan ORDER BY tenant_bk
ON CONFLICT DO NOTHING;

INSERT INTO auth.role_h (role_hk, role_bk, load_date, record_source)
SELECT pg_temp.hk('role/' || role_bk), role_bk, TIMESTAMPTZ '2026-01-01 00:00:00+00', 'WORKLOAD'
FROM unnest(ARRAY['SYSTEM_ADMIN', 'DATABASE_ADMIN', 'BACKUP_OPERATOR', 'USER']) AS role_bk
ON CONFLICT DO NOTHING;

-- User 0 of every tenant is its administrator. User 1 is the consultant who has an account everywhere under the
-- same name: sessions of his in two tenants are a tenant violation.
CREATE TEMPORARY TABLE user_plan ON COMMIT DROP AS
SELECT tenant_bk, n, tenant_bk || '/user/' || n AS bk,
       CASE n WHEN 0 THEN 'admin.' || tenant_bk WHEN 1 THEN 'shared.consultant'
              ELSE 'user' || n || '.' || tenant_bk END AS username,
       TIMESTAMPTZ '2026-01-01 00:00:00+00' + n * INTERVAL '1 minute' AS at
FROM tenant_plan CROSS JOIN LATERAL generate_series(0, users - 1) AS n;

INSERT INTO auth.user_h (user_hk, user_bk, tenant_hk, load_date, record_source)
SELECT pg_temp.hk(bk), bk, pg_temp.hk(tenant_bk), at, 'WORKLOAD' FROM user_plan ORDER BY bk
ON CONFLICT DO NOTHING;
INSERT INTO auth.user_profile_s (user_hk, load_date, hash_diff, username, email, user_type, record_source)
SELECT pg_temp.hk(bk), at, pg_temp.hk(bk || '/1'), username, username || '@example.org',
       CASE n WHEN 0 THEN 'ADMIN' ELSE 'STANDARD' END, 'WORKLOAD'
FROM user_plan ORDER BY bk
ON CONFLICT DO NOTHING;
INSERT INTO auth.user_auth_s (user_hk, load_date, hash_diff, username, password_hash, record_source)
SELECT pg_temp.hk(bk), at, pg_temp.hk(bk || '/1'), username, pg_temp.hk(current_setting('workload.seed') || bk),
       'WORKLOAD'
FROM user_plan ORDER BY bk
ON CONFLICT DO NOTHING;
INSERT INTO auth.user_role_l (user_role_hk, user_hk, role_hk, load_date, record_source)
SELECT pg_temp.hk(bk || '/role'), pg_temp.hk(bk),
       pg_temp.hk('role/' || CASE n WHEN 0 THEN 'SYSTEM_ADMIN' ELSE 'USER' END), at, 'WORKLOAD'
FROM user_plan ORDER BY bk
ON CONFLICT DO NOTHING;

INSERT INTO servicedesk.ticket_counters (tenant_bk, last_number)
SELECT tenant_bk, assets FROM tenant_plan ORDER BY tenant_bk;
INSERT INTO servicedesk.incidents
    (tenant_bk, number, title, status, priority, assigned_to, sla_deadline, created_at, updated_at)
SELECT tenant_bk, n, 'Incident about ' || bk,
       (ARRAY['NEW', 'ASSIGNED', 'IN_PROGRESS', 'RESOLVED'])[1 + pg_temp.pick(bk || 'i', 4)],
       1 + pg_temp.pick(bk || 'p', 4), 'agent' || pg_temp.pick(bk || 'g', 12), at + INTERVAL '8 hours', at, at
FROM asset_plan ORDER BY n, tenant_bk;
INSERT INTO servicedesk.changes (tenant_bk, title, status, risk, scheduled_date, created_at)
SELECT tenant_bk, 'Change of ' || bk,
       (ARRAY['PENDING', 'APPROVED', 'DONE'])[1 + pg_temp.pick(bk || 'h', 3)],
       (ARRAY['LOW', 'MEDIUM', 'HIGH'])[1 + pg_temp.pick(bk || 'r', 3)], DATE '2026-01-01' + n % 90, at
FROM asset_plan WHERE n % 4 = 0 ORDER BY n, tenant_bk;
INSERT INTO servicedesk.tasks (tenant_bk, project_id, sprint_id, title, status, assigned_to)
SELECT tenant_bk, n % 10, n % 6, 'Task for ' || bk,
       (ARRAY['TODO', 'DOING', 'DONE'])[1 + pg_temp.pick(bk || 'd', 3)], 'agent' || pg_temp.pick(bk || 'e', 12)
FROM asset_plan WHERE n % 2 = 0 ORDER BY n, tenant_bk;
INSERT INTO servicedesk.audit_events (entity_type, entity_id, user_id, action, occurred_at)
SELECT 'INCIDENT', 1 + n, 'agent' || pg_temp.pick(bk || 'u', 12), 'CREATED', at
FROM asset_plan ORDER BY n, tenant_bk;
INSERT INTO servicedesk.policy_decisions (policy_name, decision, decided_at)
SELECT 'policy' || n % 8, CASE pg_temp.pick(bk || 'z', 10) WHEN 0 THEN 'DENY' ELSE 'ALLOW' END, at
FROM asset_plan WHERE n % 3 = 0 ORDER BY n, tenant_bk;
INSERT INTO servicedesk.articles (title, body, status, created_at, expires_at)
SELECT 'How to ' || n, repeat(md5(n::text), 40), (ARRAY['DRAFT', 'PUBLISHED', 'RETIRED'])[1 + n % 3],
       TIMESTAMPTZ '2026-01-01 00:00:00+00' + n * INTERVAL '1 hour',
       TIMESTAMPTZ '2026-07-01 00:00:00+00' + n * INTERVAL '1 hour'
FROM generate_series(1, 300) AS n;
