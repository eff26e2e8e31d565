-- Who may do what?
-- Every tenant has one login role (group onevault_tenants); the platform's applications have one each. The
-- migrations role owns the service desk, because ALTER TABLE asks for ownership.

GRANT USAGE ON SCHEMA business, servicedesk TO onevault_tenants, app_servicedesk, app_reports, app_migrations;
GRANT USAGE ON SCHEMA auth TO app_auth, app_reports;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA business TO onevault_tenants;
GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA business TO app_servicedesk, app_migrations;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA servicedesk TO onevault_tenants, app_servicedesk;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA auth TO app_auth;
GRANT SELECT ON ALL TABLES IN SCHEMA business, servicedesk, auth TO app_reports;

DO $$
DECLARE
    table_name REGCLASS;
BEGIN
    FOR table_name IN
        SELECT oid FROM pg_class WHERE relnamespace = 'servicedesk'::regnamespace AND relkind = 'r'
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO app_migrations', table_name);
    END LOOP;
END
$$;
