-- Who logs in at the watched platform?
-- The platform's own tables, with the columns the vault's migrations give them. A database that has them already is
-- left as it is.

CREATE SCHEMA IF NOT EXISTS auth;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE relnamespace = 'auth'::regnamespace AND relkind IN ('r', 'p')) THEN
        RETURN;
    END IF;

    CREATE TABLE auth.tenant_h (
        tenant_hk BYTEA PRIMARY KEY,
        tenant_bk TEXT NOT NULL,
        load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        record_source VARCHAR(100) NOT NULL
    );
    CREATE TABLE auth.tenant_profile_s (
        tenant_hk BYTEA NOT NULL REFERENCES auth.tenant_h (tenant_hk),
        load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        load_end_date TIMESTAMPTZ,
        hash_diff BYTEA NOT NULL,
        tenant_name VARCHAR(200) NOT NULL,
        tenant_type VARCHAR(50),
        subscription_level VARCHAR(50),
        is_active BOOLEAN NOT NULL DEFAULT true,
        record_source VARCHAR(100) NOT NULL,
        PRIMARY KEY (tenant_hk, load_date)
    );

    CREATE TABLE auth.user_h (
        user_hk BYTEA PRIMARY KEY,
        user_bk TEXT NOT NULL,
        tenant_hk BYTEA REFERENCES auth.tenant_h (tenant_hk),
        load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        record_source VARCHAR(100) NOT NULL
    );
    CREATE TABLE auth.user_profile_s (
        user_hk BYTEA NOT NULL REFERENCES auth.user_h (user_hk),
        load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        load_end_date TIMESTAMPTZ,
        hash_diff BYTEA NOT NULL,
        username VARCHAR(100) NOT NULL,
        email VARCHAR(255),
        user_type VARCHAR(50) NOT NULL DEFAULT 'STANDARD',
        is_active BOOLEAN NOT NULL DEFAULT true,
        record_source VARCHAR(100) NOT NULL,
        PRIMARY KEY (user_hk, load_date)
    );
    CREATE TABLE auth.user_auth_s (
        user_hk BYTEA NOT NULL REFERENCES auth.user_h (user_hk),
        load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        load_end_date TIMESTAMPTZ,
        hash_diff BYTEA NOT NULL,
        username VARCHAR(100) NOT NULL,
        password_hash BYTEA,
        failed_login_attempts INTEGER NOT NULL DEFAULT 0,
        last_failed_login TIMESTAMPTZ,
        last_login TIMESTAMPTZ,
        account_locked BOOLEAN NOT NULL DEFAULT false,
        source_ip INET,
        record_source VARCHAR(100) NOT NULL,
        PRIMARY KEY (user_hk, load_date)
    );

    CREATE TABLE auth.role_h (
        role_hk BYTEA PRIMARY KEY,
        role_bk TEXT NOT NULL,
        tenant_hk BYTEA REFERENCES auth.tenant_h (tenant_hk),
        load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        record_source VARCHAR(100) NOT NULL
    );

    CREATE TABLE auth.session_h (
        session_hk BYTEA PRIMARY KEY,
        session_bk TEXT NOT NULL,
        tenant_hk BYTEA REFERENCES auth.tenant_h (tenant_hk),
        load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        record_source VARCHAR(100) NOT NULL
    );
    CREATE TABLE auth.session_state_s (
        session_hk BYTEA NOT NULL REFERENCES auth.session_h (session_hk),
        load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        load_end_date TIMESTAMPTZ,
        hash_diff BYTEA NOT NULL,
        session_status VARCHAR(20) NOT NULL,
        session_start TIMESTAMPTZ NOT NULL,
        session_end TIMESTAMPTZ,
        last_activity TIMESTAMPTZ,
        ip_address INET,
        user_agent TEXT,
        record_source VARCHAR(100) NOT NULL,
        PRIMARY KEY (session_hk, load_date)
    );

    CREATE TABLE auth.user_role_l (
        user_role_hk BYTEA PRIMARY KEY,
        user_hk BYTEA NOT NULL REFERENCES auth.user_h (user_hk),
        role_hk BYTEA NOT NULL REFERENCES auth.role_h (role_hk),
        tenant_hk BYTEA REFERENCES auth.tenant_h (tenant_hk),
        load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        record_source VARCHAR(100) NOT NULL
    );
    CREATE TABLE auth.user_session_l (
        user_session_hk BYTEA PRIMARY KEY,
        user_hk BYTEA NOT NULL REFERENCES auth.user_h (user_hk),
        session_hk BYTEA NOT NULL REFERENCES auth.session_h (session_hk),
        tenant_hk BYTEA REFERENCES auth.tenant_h (tenant_hk),
        load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        record_source VARCHAR(100) NOT NULL
    );

    CREATE INDEX ON auth.user_h (tenant_hk);
    CREATE INDEX ON auth.user_profile_s (username) WHERE load_end_date IS NULL;
    CREATE INDEX ON auth.user_auth_s (last_failed_login) WHERE load_end_date IS NULL;
    CREATE INDEX ON auth.session_h (tenant_hk);
    CREATE INDEX ON auth.session_state_s (session_status) WHERE load_end_date IS NULL;
    CREATE INDEX ON auth.user_role_l (user_hk);
    CREATE INDEX ON auth.user_session_l (user_hk);
    CREATE INDEX ON auth.user_session_l (session_hk);
END
$$;
