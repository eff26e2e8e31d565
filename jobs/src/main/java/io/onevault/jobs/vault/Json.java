package io.onevault.jobs.vault;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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

    /** Objects in their order; as above, without NUL characters. */
    static String array(List<Map<String, Object>> objects) {
        List<Map<String, Object>> storable = new ArrayList<>();
        for (Map<String, Object> object : objects) {
            Map<String, Object> values = new LinkedHashMap<>();
            object.forEach(
                    (name, value) ->
                            values.put(
                                    name,
                                    value instanceof String text
                                            ? text.replace('\0', '\uFFFD')
                                            : value));
            storable.add(values);
        }
        try {
            return MAPPER.writeValueAsString(storable);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a list of plain objects is always JSON", e);
        }
    }
}
