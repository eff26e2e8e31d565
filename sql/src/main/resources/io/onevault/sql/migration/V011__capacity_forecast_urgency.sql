-- How soon must somebody act on a forecast, and how much was it made of?

ALTER TABLE capacity_planning.capacity_forecast_s
    ADD COLUMN urgency VARCHAR(20),
    ADD COLUMN observation_count BIGINT NOT NULL DEFAULT 0;
COMMENT ON COLUMN capacity_planning.capacity_forecast_s.urgency IS
    'NONE, WATCH (may be reached), PLAN (expected within four horizons), ACT (within one), NOW (critical already)';
COMMENT ON COLUMN capacity_planning.capacity_forecast_s.observation_count IS
    'Of two forecasts as of one time the one from more observations stands';
