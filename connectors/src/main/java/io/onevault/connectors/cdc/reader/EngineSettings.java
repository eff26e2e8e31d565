package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * With which settings Debezium's engine runs; apart from the engine so that a benchmark runs one
 * with the same.
 */
public final class EngineSettings {

    /** Prefix of the messages that let an idle database's slot advance. */
    static final String HEARTBEAT_PREFIX = "onevault-heartbeat";

    private static final String ENGINE_BYTES = Integer.toString(64 * 1024 * 1024);

    private EngineSettings() {}

    /** A new copy, without the place where positions are kept. */
    public static Properties of(CdcOptions options) {
        Properties url = Driver.parseURL(options.url(), new Properties());
        if (url == null) {
            throw new IllegalArgumentException(
                    "target %s: the url is not understood".formatted(options.target()));
        }
        Properties p = new Properties();
        p.setProperty("name", options.slot());
        p.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        p.setProperty("topic.prefix", options.slot());
        p.setProperty("database.hostname", PGProperty.PG_HOST.getOrDefault(url));
        p.setProperty("database.port", PGProperty.PG_PORT.getOrDefault(url));
        p.setProperty("database.dbname", PGProperty.PG_DBNAME.getOrDefault(url));
        p.setProperty("database.user", options.user());
        p.setProperty("database.password", options.password().reveal());
        p.setProperty("database.tcpKeepAlive", "true");
        for (Map.Entry<Object, Object> entry : url.entrySet()) {
            String key = String.valueOf(entry.getKey());
            if (!key.startsWith("PG")) {
                p.setProperty("driver." + key, String.valueOf(entry.getValue()));
            }
        }
        p.setProperty("driver.connectTimeout", Long.toString(options.networkTimeout().toSeconds()));
        p.setProperty("driver.socketTimeout", Long.toString(options.networkTimeout().toSeconds()));
        p.setProperty("plugin.name", "pgoutput");
        p.setProperty("slot.name", options.slot());
        p.setProperty("slot.drop.on.stop", "false");
        p.setProperty("slot.max.retries", "0");
        p.setProperty("publication.name", options.publication());
        p.setProperty("publication.autocreate.mode", "disabled");
        p.setProperty(
                "table.include.list",
                String.join(
                        ",",
                        options.tables().stream()
                                .map(table -> Pattern.quote(table).replace(",", "\\E\\x2C\\Q"))
                                .toList()));
        p.setProperty("snapshot.mode", "no_data");
        p.setProperty("skipped.operations", "none");
        p.setProperty("tombstones.on.delete", "false");
        p.setProperty("include.unknown.datatypes", "true");
        p.setProperty("converters", "text");
        p.setProperty("text.type", TextConverter.class.getName());
        p.setProperty("event.processing.failure.handling.mode", "fail");
        p.setProperty("event.converting.failure.handling.mode", "fail");
        p.setProperty("errors.max.retries", "0");
        p.setProperty("heartbeat.interval.ms", Long.toString(options.heartbeat().toMillis()));
        p.setProperty(
                "heartbeat.action.query",
                "SELECT pg_logical_emit_message(false, '" + HEARTBEAT_PREFIX + "', '')");
        p.setProperty("poll.interval.ms", "20");
        p.setProperty("max.queue.size.in.bytes", ENGINE_BYTES);
        p.setProperty("record.processing.threads", "1");
        p.setProperty("record.processing.shutdown.timeout.ms", "1000");
        p.setProperty(
                "task.management.timeout.ms", Long.toString(Duration.ofMinutes(3).toMillis()));
        return p;
    }
}
