package io.onevault.jobs.alerts.findings;

import io.onevault.connectors.model.LogEvent;
import io.onevault.connectors.model.SeriesId;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a server's log tells, as events to be counted. Nothing that a client chose gets into labels
 * or words: whoever fails to log in may send any text as user and database, and clients that name
 * no database send the user's name instead.
 */
final class LogWords {

    /** How long a failed login or something refused counts. */
    private static final long RECENT = Duration.ofMinutes(10).toMillis();

    /** How long damage counts. */
    private static final long HOUR = Duration.ofHours(1).toMillis();

    private LogWords() {}

    /** Null for what is not counted. */
    static @Nullable FoundEvent event(LogEvent line) {
        return switch (line.kind()) {
            case "FAILED_LOGIN" ->
                    event(
                            line,
                            FindingMetrics.FAILED_LOGINS,
                            Map.of(),
                            RECENT,
                            line.sqlstate().equals("28P01")
                                    ? "the last one with a wrong password"
                                    : "the last one as a role, from an address or in a way that is"
                                            + " not admitted");
            case "CRASH" -> event(line, FindingMetrics.SERVER_CRASHES, Map.of(), HOUR, crash(line));
            case "CORRUPTION" ->
                    event(
                            line,
                            FindingMetrics.CORRUPTION_ERRORS,
                            Map.of(),
                            HOUR,
                            switch (line.sqlstate()) {
                                case "XX001" -> "a table's data is damaged";
                                case "XX002" -> "an index is damaged";
                                default -> "reading or writing a file failed";
                            });
            case "OUT_OF_RESOURCES" -> {
                String reason = reason(line.sqlstate());
                yield event(
                        line,
                        FindingMetrics.RESOURCE_ERRORS,
                        Map.of("reason", reason),
                        RECENT,
                        "the server said " + line.sqlstate());
            }
            default -> null;
        };
    }

    private static String crash(LogEvent line) {
        String process = line.attributes().get("process");
        return process == null
                ? "a process gave up with PANIC"
                : "process %s was ended by signal %s"
                        .formatted(process, line.attributes().getOrDefault("signal", "?"));
    }

    private static String reason(String sqlstate) {
        return switch (sqlstate) {
            case "53100" -> "DISK_FULL";
            case "53200" -> "OUT_OF_MEMORY";
            case "53300" -> "TOO_MANY_CONNECTIONS";
            case "53400" -> "LIMIT_EXCEEDED";
            default -> "OTHER";
        };
    }

    private static FoundEvent event(
            LogEvent line, String metric, Map<String, String> labels, long kept, String about) {
        return new FoundEvent(
                new SeriesId(line.target(), "", metric, labels).text(),
                line.sessionStart() + "/" + line.session() + "/" + line.line(),
                line.timestamp(),
                1,
                kept,
                Words.line(about));
    }
}
