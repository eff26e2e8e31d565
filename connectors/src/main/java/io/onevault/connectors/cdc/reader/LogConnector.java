package io.onevault.connectors.cdc.reader;

import io.debezium.connector.postgresql.PostgresConnector;
import org.apache.kafka.connect.connector.Task;

/**
 * Debezium's PostgreSQL connector with a task that reads the log as {@link LogStream} does. Made by
 * the engine from its class name.
 */
public final class LogConnector extends PostgresConnector {

    @Override
    public Class<? extends Task> taskClass() {
        return LogTask.class;
    }
}
