package io.onevault.connectors.cdc.reader;

import io.debezium.config.CommonConnectorConfig;
import io.debezium.connector.SourceInfoStructMaker;
import io.debezium.connector.postgresql.SourceInfo;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

/**
 * Leaves out where a record comes from: {@link Carried} tells it. Made by the engine from its class
 * name.
 */
public final class NoSource implements SourceInfoStructMaker<SourceInfo> {

    private static final Schema SCHEMA = SchemaBuilder.struct().name("onevault.NoSource").build();
    private static final Struct STRUCT = new Struct(SCHEMA);

    @Override
    public void init(String connector, String version, CommonConnectorConfig config) {}

    @Override
    public Schema schema() {
        return SCHEMA;
    }

    @Override
    public Struct struct(SourceInfo source) {
        return STRUCT;
    }
}
