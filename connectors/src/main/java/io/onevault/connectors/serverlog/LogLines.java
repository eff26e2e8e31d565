package io.onevault.connectors.serverlog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of either format. Bytes that are no UTF-8, as databases of other encodings write
 * them, become replacement characters.
 *
 * <p>Source: PostgreSQL's manual, "Error Reporting and Logging", tables of csvlog and jsonlog.
 */
final class LogLines {

    /** The columns of csvlog by the names of jsonlog, in order; 14 has all of them. */
    private static final String[] COLUMNS = {
        "timestamp",
        "user",
        "dbname",
        "pid",
        "connection_from",
        "session_id",
        "line_num",
        "ps",
        "session_start",
        "vxid",
        "txid",
        "error_severity",
        "state_code",
        "message",
        "detail",
        "hint",
        "internal_query",
        "internal_position",
        "context",
        "statement",
        "cursor_position",
        "location",
        "application_name",
        "backend_type",
        "leader_pid",
        "query_id"
    };

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private LogLines() {}

    /** The record's fields, or null when it is not whole, as after a crash of the server. */
    static @Nullable LogLine read(LogFormat format, byte[] record) {
        String text = new String(record, StandardCharsets.UTF_8);
        LogLine line = format == LogFormat.JSON ? json(text) : csv(text);
        return line != null
                        && LogTime.isOne(line.text("timestamp"))
                        && line.fields().containsKey("state_code")
                ? line
                : null;
    }

    private static @Nullable LogLine json(String text) {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (value == null || value.isStructStart()) {
                    return null;
                }
                fields.put(name, parser.getText());
            }
            if (parser.currentToken() != JsonToken.END_OBJECT) {
                return null;
            }
        } catch (IOException e) {
            return null;
        }
        String host = fields.get("remote_host");
        if (host != null) {
            String port = fields.get("remote_port");
            fields.put("connection_from", port == null ? host : host + ":" + port);
        }
        // Server messages have a code in one format only when there is an error.
        fields.putIfAbsent("state_code", "00000");
        return new LogLine(fields);
    }

    private static @Nullable LogLine csv(String text) {
        List<String> values = csvFields(text);
        if (values.size() < COLUMNS.length) {
            return null;
        }
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < COLUMNS.length; i++) {
            String value = values.get(i);
            if (!value.isEmpty()) {
                fields.put(COLUMNS[i], value);
            }
        }
        return new LogLine(fields);
    }

    /** The fields of one record; a quote within a quoted field is doubled. */
    static List<String> csvFields(String record) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < record.length(); i++) {
            char c = record.charAt(i);
            if (c == '"') {
                boolean doubled = quoted && i + 1 < record.length() && record.charAt(i + 1) == '"';
                if (doubled) {
                    field.append(c);
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
