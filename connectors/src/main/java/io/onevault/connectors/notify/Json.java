package io.onevault.connectors.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;

/** Writes requests and reads what little is of use in answers. */
final class Json {

    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static String write(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("a tree of plain values can always be written", e);
        }
    }

    /**
     * The scalar at {@code field} of a JSON object; empty when {@code text} is none or has none.
     */
    static String field(String text, String field) {
        try {
            JsonNode node = MAPPER.readTree(text);
            JsonNode value = node == null ? null : node.get(field);
            return value == null || !value.isValueNode() || value.isNull() ? "" : value.asText();
        } catch (JsonProcessingException e) {
            return "";
        }
    }
}
