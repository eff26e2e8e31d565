package io.onevault.connectors.cdc.reader;

import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Makes the engine deliver every column as text, with its type beside it.
 *
 * <p>The engine's own conversions lose what its schema types cannot hold: infinite dates, arrays of
 * intervals, the fields of an interval. Made by the engine from its class name.
 */
public final class TextConverter implements CustomConverter<SchemaBuilder, RelationalColumn> {

    /** Where a field's schema keeps the type's name. */
    static final String TYPE = "pg.type";

    /**
     * First character of what is not a value: PostgreSQL's text cannot contain it. What follows is
     * {@link #UNCHANGED} or the reason why the value cannot be decoded.
     */
    static final char MARK = '\0';

    /** The value of an unchanged column that is stored out of line. */
    static final String UNCHANGED = MARK + "unchanged";

    private static final Set<Object> UNCHANGED_PLACEHOLDERS = placeholders();

    @Override
    public void configure(Properties properties) {}

    @Override
    public void converterFor(
            RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        registration.register(
                SchemaBuilder.string().optional().parameter(TYPE, typeName(column.typeName())),
                TextConverter::convert);
    }

    /** The catalogue's name of a type that the driver may call by its alias. */
    static String typeName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return switch (lower) {
            case "serial" -> "int4";
            case "bigserial" -> "int8";
            case "smallserial" -> "int2";
            default -> lower;
        };
    }

    private static @Nullable Object convert(@Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (UNCHANGED_PLACEHOLDERS.contains(value)) {
            return UNCHANGED;
        }
        try {
            return PgText.of(value);
        } catch (RuntimeException e) {
            // Thrown from here the engine would log it and deliver null.
            return MARK + "cannot write a " + value.getClass().getSimpleName() + ": " + e;
        }
    }

    /** The engine has a placeholder for each kind of type; all are compared by identity. */
    private static Set<Object> placeholders() {
        Set<Object> found = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        found.add(UnchangedToastedReplicationMessageColumn.UNCHANGED_TOAST_VALUE);
        found.add(UnchangedToastedReplicationMessageColumn.UNCHANGED_TEXT_ARRAY_TOAST_VALUE);
        found.add(UnchangedToastedReplicationMessageColumn.UNCHANGED_BINARY_ARRAY_TOAST_VALUE);
        found.add(UnchangedToastedReplicationMessageColumn.UNCHANGED_INT_ARRAY_TOAST_VALUE);
        found.add(UnchangedToastedReplicationMessageColumn.UNCHANGED_BIGINT_ARRAY_TOAST_VALUE);
        found.add(UnchangedToastedReplicationMessageColumn.UNCHANGED_HSTORE_TOAST_VALUE);
        found.add(UnchangedToastedReplicationMessageColumn.UNCHANGED_UUID_TOAST_VALUE);
        return found;
    }
}
