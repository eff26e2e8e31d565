-- What do the tenants of the watched platform own and trade?
-- One business vault shared by all tenants: hubs know their tenant, satellites and links know only their hub, so
-- whoever wants rows per tenant has to join. The partial unique indexes hold the rule of one open row per hub key.

CREATE SCHEMA business;

CREATE TABLE business.customer_h (
    customer_hk BYTEA PRIMARY KEY,
    customer_bk TEXT NOT NULL,
    tenant_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    record_source VARCHAR(100) NOT NULL DEFAULT 'WORKLOAD'
);
CREATE TABLE business.customer_profile_s (
    customer_hk BYTEA NOT NULL REFERENCES business.customer_h,
    load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    customer_name TEXT NOT NULL,
    segment VARCHAR(20) NOT NULL,
    country CHAR(2) NOT NULL,
    record_source VARCHAR(100) NOT NULL DEFAULT 'WORKLOAD',
    PRIMARY KEY (customer_hk, load_date)
);

CREATE TABLE business.asset_h (
    asset_hk BYTEA PRIMARY KEY,
    asset_bk TEXT NOT NULL,
    tenant_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    record_source VARCHAR(100) NOT NULL DEFAULT 'WORKLOAD'
);
CREATE TABLE business.asset_details_s (
    asset_hk BYTEA NOT NULL REFERENCES business.asset_h,
    load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    asset_name TEXT NOT NULL,
    asset_type VARCHAR(30) NOT NULL,
    asset_value NUMERIC(15, 2) NOT NULL,
    attributes JSONB NOT NULL DEFAULT '{}',
    record_source VARCHAR(100) NOT NULL DEFAULT 'WORKLOAD',
    PRIMARY KEY (asset_hk, load_date)
);

CREATE TABLE business.transaction_h (
    transaction_hk BYTEA PRIMARY KEY,
    transaction_bk TEXT NOT NULL,
    tenant_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    record_source VARCHAR(100) NOT NULL DEFAULT 'WORKLOAD'
);
CREATE TABLE business.transaction_details_s (
    transaction_hk BYTEA NOT NULL REFERENCES business.transaction_h,
    load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    transaction_status VARCHAR(20) NOT NULL,
    amount NUMERIC(15, 2) NOT NULL,
    currency CHAR(3) NOT NULL,
    description TEXT NOT NULL,
    record_source VARCHAR(100) NOT NULL DEFAULT 'WORKLOAD',
    PRIMARY KEY (transaction_hk, load_date)
);

CREATE TABLE business.customer_transaction_l (
    customer_transaction_hk BYTEA PRIMARY KEY,
    customer_hk BYTEA NOT NULL REFERENCES business.customer_h,
    transaction_hk BYTEA NOT NULL REFERENCES business.transaction_h,
    load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    record_source VARCHAR(100) NOT NULL DEFAULT 'WORKLOAD'
);
CREATE TABLE business.transaction_asset_l (
    transaction_asset_hk BYTEA PRIMARY KEY,
    transaction_hk BYTEA NOT NULL REFERENCES business.transaction_h,
    asset_hk BYTEA NOT NULL REFERENCES business.asset_h,
    load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    record_source VARCHAR(100) NOT NULL DEFAULT 'WORKLOAD'
);

CREATE INDEX ON business.customer_h (tenant_hk);
CREATE INDEX ON business.asset_h (tenant_hk);
CREATE INDEX ON business.transaction_h (tenant_hk);
CREATE INDEX ON business.customer_transaction_l (customer_hk);
CREATE INDEX ON business.transaction_asset_l (asset_hk);
CREATE UNIQUE INDEX customer_profile_open ON business.customer_profile_s (customer_hk) WHERE load_end_date IS NULL;
CREATE UNIQUE INDEX asset_details_open ON business.asset_details_s (asset_hk) WHERE load_end_date IS NULL;
CREATE UNIQUE INDEX transaction_details_open ON business.transaction_details_s (transaction_hk)
    WHERE load_end_date IS NULL;
