package io.onevault.connectors.cdc.reader;

import io.debezium.config.Configuration;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import java.util.Map;

/** Debezium's task on a connection of ours. Made by the engine from its class name. */
public final class LogTask extends PostgresConnectorTask {

    private Map<String, String> properties = Map.of();

    @Override
    public CdcSourceTaskContext<PostgresConnectorConfig> preStart(Configuration config) {
        properties = config.asMap();
        return super.preStart(config);
    }

    @Override
    protected ReplicationConnection buildReplicationConnection(
            PostgresConnection catalogue, PostgresSchema schema, PostgresConnectorConfig config) {
        return new LogConnection(RunContext.of(properties), catalogue);
    }
}
