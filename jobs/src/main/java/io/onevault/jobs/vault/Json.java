package io.onevault.jobs.vault;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.Map;
import java.util.TreeMap;

/** Maps of text as JSON objects that PostgreSQL's jsonb takes, equal maps as equal text. */
final class Json {

    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private Json() {}

    /** jsonb has no NUL character; it becomes U+FFFD. */
    static String object(Map<String, String> values) {
        Map<String, String> storable = new TreeMap<>();
        values.forEach(
                (name, value) ->
                        storable.put(name.replace('\0', '\uFFFD'), value.replace('\0', '\uFFFD')));
        try {
            return MAPPER.writeValueAsString(storable);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts is always JSON", e);
        }
    }
}
