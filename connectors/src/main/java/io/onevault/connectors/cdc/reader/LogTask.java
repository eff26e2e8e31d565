package io.onevault.connectors.cdc.reader;

import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;

/** Debezium's task on a connection of ours. Made by the engine from its class name. */
public final class LogTask extends PostgresConnectorTask {

    @Override
    protected ReplicationConnection buildReplicationConnection(
            PostgresConnection catalogue, PostgresSchema schema, PostgresConnectorConfig config) {
        return new LogConnection(RunContext.of(config.getConfig().asMap()), catalogue);
    }
}
