-- What do recorded waits, incidents, deadlocks and decisions carry that their tables had no place for?
-- And which indexes keep "now" and "worst" fast when a year of them is there?

-- The hash key of a link between hubs.
CREATE FUNCTION util.hash_link(VARIADIC p_business_keys TEXT[]) RETURNS BYTEA
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT util.hash_binary(
            string_agg(replace(replace(k.business_key, '\', '\\'), '|', '\|'), '|' ORDER BY k.position))
        FROM unnest(p_business_keys) WITH ORDINALITY AS k(business_key, position)
    $$;
COMMENT ON FUNCTION util.hash_link(TEXT[]) IS
    'The hash key of a link: SHA-256 of its hubs'' business keys in the columns'' order, joined by bars, a backslash before each bar and backslash of theirs; the same as Java computes';

-- Of two rows of one episode and moment the closed one stands, then the one seen later.
ALTER TABLE lock_monitoring.lock_activity_s
    ADD COLUMN is_closed BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN observed_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch';
COMMENT ON COLUMN lock_monitoring.lock_activity_s.is_closed IS 'Whether the wait is over';
COMMENT ON COLUMN lock_monitoring.lock_activity_s.observed_at IS 'When this was seen, on the watched server''s clock';

ALTER TABLE lock_monitoring.blocking_session_s
    ADD COLUMN is_closed BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN observed_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
    ADD COLUMN prepared_transaction TEXT,
    ADD COLUMN root_count INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN is_cyclic BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN is_visible BOOLEAN NOT NULL DEFAULT true,
    ADD COLUMN backend_type VARCHAR(100),
    ADD COLUMN state_changed_at TIMESTAMPTZ,
    ADD COLUMN transaction_start TIMESTAMPTZ,
    ADD COLUMN client_address TEXT,
    ADD COLUMN client_hash BYTEA;
COMMENT ON COLUMN lock_monitoring.blocking_session_s.is_closed IS 'Whether nobody waits any more';
COMMENT ON COLUMN lock_monitoring.blocking_session_s.observed_at IS 'When this was seen, on the watched server''s clock';
COMMENT ON COLUMN lock_monitoring.blocking_session_s.prepared_transaction IS 'Its name, when the root is a prepared transaction; then session_pid is 0';
COMMENT ON COLUMN lock_monitoring.blocking_session_s.root_count IS 'How many sessions one after the other were the root';
COMMENT ON COLUMN lock_monitoring.blocking_session_s.is_cyclic IS 'Whether the root is part of a cycle';
COMMENT ON COLUMN lock_monitoring.blocking_session_s.is_visible IS 'Whether the server showed everything of the root';
COMMENT ON COLUMN lock_monitoring.blocking_session_s.client_address IS 'Only where the configuration allows clear text';
COMMENT ON COLUMN lock_monitoring.blocking_session_s.client_hash IS 'Keyed hash of the client''s address';
COMMENT ON COLUMN lock_monitoring.blocking_session_s.chain IS
    'The first 200 victims: pid, blocked_by, hard, depth, lock_type, lock_mode, relation, wait_start…';

-- What the server's counter alone tells has no members; a near miss is a cycle that the server did not have to end.
ALTER TABLE lock_monitoring.deadlock_event_s
    ADD COLUMN is_closed BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN observed_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch',
    ADD COLUMN outcome VARCHAR(20) NOT NULL DEFAULT 'DEADLOCK'
        CONSTRAINT outcome_known CHECK (outcome IN ('OPEN', 'DEADLOCK', 'NEAR_MISS')),
    ADD COLUMN resolution_action VARCHAR(100)
        CONSTRAINT resolution_action_known
        CHECK (resolution_action IN ('COMPLETED', 'CANCELLED', 'TIMEOUT', 'DEADLOCK', 'TERMINATED')),
    ADD COLUMN event_count INTEGER NOT NULL DEFAULT 1
        CONSTRAINT event_count_positive CHECK (event_count >= 1),
    ADD COLUMN ended_at TIMESTAMPTZ,
    ALTER COLUMN pid_chain DROP NOT NULL,
    DROP CONSTRAINT chain_length_at_least_two,
    ADD CONSTRAINT chain_length_not_negative CHECK (chain_length >= 0);
COMMENT ON COLUMN lock_monitoring.deadlock_event_s.is_closed IS 'Whether the cycle is no more';
COMMENT ON COLUMN lock_monitoring.deadlock_event_s.observed_at IS 'When this was seen, on the watched server''s clock';
COMMENT ON COLUMN lock_monitoring.deadlock_event_s.outcome IS 'OPEN while the cycle stands, DEADLOCK when the server ended it, NEAR_MISS when something else did';
COMMENT ON COLUMN lock_monitoring.deadlock_event_s.resolution_action IS 'How a near miss ended; null otherwise';
COMMENT ON COLUMN lock_monitoring.deadlock_event_s.event_count IS 'How many deadlocks this row stands for: more than one only where the counter alone told';
COMMENT ON COLUMN lock_monitoring.deadlock_event_s.ended_at IS 'When the cycle stood no more, which is told later; null while it stands';
COMMENT ON COLUMN lock_monitoring.deadlock_event_s.chain_length IS '0 when the members are not known';
COMMENT ON COLUMN lock_monitoring.deadlock_event_s.cycle IS
    'The members in the cycle''s order: pid, blocked_by, lock_type, lock_mode, resource, relation, statement…';

ALTER TABLE lock_monitoring.lock_resolution_s
    ADD COLUMN has_outcome BOOLEAN NOT NULL DEFAULT false,
    -- A failure comes with its reason.
    ALTER COLUMN outcome TYPE TEXT;
COMMENT ON COLUMN lock_monitoring.lock_resolution_s.has_outcome IS 'Whether it was tried; of two rows of one moment that one stands';

-- The newest row of a hub is asked for by tenant.
CREATE INDEX ON lock_monitoring.deadlock_event_h (tenant_hk) WHERE tenant_hk IS NOT NULL;
CREATE INDEX ON lock_monitoring.lock_resolution_h (tenant_hk) WHERE tenant_hk IS NOT NULL;

-- What goes on now is few rows among many.
CREATE INDEX lock_activity_s_now ON lock_monitoring.lock_activity_s (load_date)
    WHERE load_end_date IS NULL AND NOT is_closed;
CREATE INDEX blocking_session_s_now ON lock_monitoring.blocking_session_s (load_date)
    WHERE load_end_date IS NULL AND NOT is_closed;
-- The worst first, without sorting a month.
CREATE INDEX blocking_session_s_worst ON lock_monitoring.blocking_session_s
    (total_victim_seconds DESC, lock_impact_score DESC)
    WHERE load_end_date IS NULL;
