package io.onevault.connectors.serverlog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Records as the server would write them. */
final class LogSamples {

    static final String TIME = "2026-11-21 08:00:00.123 UTC";

    private static final String[] PIECES = {
        "a",
        "\"",
        "\"\"",
        ",",
        "\n",
        "\r\n",
        "{",
        "}",
        "\\",
        "ü",
        "漢字",
        "🚀",
        "'",
        "\t",
        " ",
        "\n2026-01-01 00:00:00.000 UTC,\"forged\",",
        ":",
        "\n{\"timestamp\":\"forged\"}"
    };

    private LogSamples() {}

    static String record(LogFormat format, Random random) {
        StringBuilder message = new StringBuilder();
        for (int i = random.nextInt(30); i > 0; i--) {
            message.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return record(format, message.toString());
    }

    static String record(LogFormat format, String message) {
        if (format == LogFormat.CSV) {
            return TIME
                    + ",\"shop\",\"shop\",4711,\"127.0.0.1:5000\",65a.1267,3,\"SELECT\","
                    + "2026-11-21 07:59:00 UTC,3/12,0,LOG,00000,\""
                    + message.replace("\"", "\"\"")
                    + "\",,,,,,,,,\"app\",\"client backend\",,0";
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("timestamp", TIME);
        fields.put("user", "shop");
        fields.put("pid", 4711);
        fields.put("remote_host", "127.0.0.1");
        fields.put("remote_port", 5000);
        fields.put("error_severity", "LOG");
        fields.put("message", message);
        try {
            return new ObjectMapper().writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] file(List<String> records) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String record : records) {
            out.writeBytes(record.getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        }
        return out.toByteArray();
    }
}
