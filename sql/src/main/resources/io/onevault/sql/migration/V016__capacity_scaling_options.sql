-- How can a server's connections go on, and how many users does each way hold?

ALTER TABLE capacity_planning.capacity_forecast_s
    ADD COLUMN scaling_options JSONB;
COMMENT ON COLUMN capacity_planning.capacity_forecast_s.scaling_options IS
    'Of CONNECTIONS: the present set-up and each way of growing it, with the connections and the users it holds';
