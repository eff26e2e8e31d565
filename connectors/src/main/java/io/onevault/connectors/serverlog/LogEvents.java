package io.onevault.connectors.serverlog;

import io.onevault.connectors.model.DeadlockReport;
import io.onevault.connectors.model.LogEvent;
import io.onevault.connectors.statement.StatementText;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells which lines of a log are of interest, and what of them may leave the server: literals of
 * statements, parameters and other values do not.
 *
 * <p>SQLSTATE tells most of it in any language; {@link LogMessages} the rest. What a user's own
 * code raises is taken for nothing, whatever code it gives itself.
 */
final class LogEvents {

    /** The error that ends a statement; its meaning does not depend on the message's language. */
    private static final Map<String, String> KINDS =
            Map.ofEntries(
                    Map.entry("40P01", "DEADLOCK"),
                    Map.entry("55P03", "LOCK_TIMEOUT"),
                    Map.entry("57014", "CANCELLED"),
                    Map.entry("57P01", "TERMINATED"),
                    Map.entry("57P05", "TERMINATED"),
                    Map.entry("25P03", "TERMINATED"),
                    Map.entry("25P04", "TERMINATED"),
                    Map.entry("42501", "PERMISSION_DENIED"),
                    Map.entry("58030", "CORRUPTION"),
                    Map.entry("XX001", "CORRUPTION"),
                    Map.entry("XX002", "CORRUPTION"));

    private static final String RAISED = " RAISE";

    private final String target;
    private final String ownApplication;
    private final double slowMillis;

    /**
     * @param ownApplication the session that reads the log, whose own work is not reported
     * @param slowMillis shorter statements are not reported, even if they are logged
     */
    LogEvents(String target, String ownApplication, double slowMillis) {
        this.target = target;
        this.ownApplication = ownApplication;
        this.slowMillis = slowMillis;
    }

    /** The event, or null when the line tells nothing of interest. */
    @Nullable LogEvent of(LogLine line, long time, long sessionStart) {
        String context = line.text("context");
        int firstLine = context.indexOf('\n');
        if ((firstLine < 0 ? context : context.substring(0, firstLine)).endsWith(RAISED)) {
            return null;
        }
        String sqlstate = line.text("state_code");
        if (sqlstate.equals("00000")) {
            return message(line, time, sessionStart);
        }
        String kind = kind(sqlstate, line);
        if (kind == null) {
            return null;
        }
        Map<String, String> attributes = new HashMap<>();
        DeadlockReport deadlock = null;
        String detail = "";
        String message = StatementText.of(line.text("message")).text();
        if (kind.equals("DEADLOCK")) {
            deadlock = DeadlockDetail.read(line.text("detail"), (int) line.number("pid"));
            LogMessages.place(context, attributes);
        } else if (kind.equals("FAILED_LOGIN")) {
            message = LogText.clean(line.text("message"));
            detail = LogText.clean(line.text("detail"));
        }
        return event(
                line,
                time,
                sessionStart,
                kind,
                message,
                detail,
                line.text("statement"),
                deadlock,
                attributes);
    }

    private static @Nullable String kind(String sqlstate, LogLine line) {
        if (sqlstate.startsWith("28")) {
            return "FAILED_LOGIN";
        }
        if (sqlstate.startsWith("53")) {
            return "OUT_OF_RESOURCES";
        }
        return line.text("error_severity").equals("PANIC") ? "CRASH" : KINDS.get(sqlstate);
    }

    private @Nullable LogEvent message(LogLine line, long time, long sessionStart) {
        LogMessages.Found found =
                LogMessages.find(
                        line.text("message"),
                        line.text("detail"),
                        line.text("backend_type"),
                        line.number("pid"));
        if (found == null || isOwnWork(line, found) || isFast(found)) {
            return null;
        }
        boolean wait = found.kind().equals("LOCK_WAIT");
        String statement =
                switch (found.kind()) {
                    case "SLOW_STATEMENT" -> found.statement();
                    case "CRASH" -> afterColon(line.text("detail"));
                    default -> line.text("statement");
                };
        return event(
                line,
                time,
                sessionStart,
                found.kind(),
                LogText.clean(found.message()),
                wait ? LogText.clean(line.text("detail")) : "",
                statement,
                null,
                found.attributes());
    }

    /** "Failed process was running: SELECT 1", in any language. */
    private static String afterColon(String detail) {
        int colon = detail.indexOf(": ");
        return colon < 0 ? "" : detail.substring(colon + 2);
    }

    private boolean isOwnWork(LogLine line, LogMessages.Found found) {
        return line.text("application_name").equals(ownApplication)
                && (found.kind().equals("SLOW_STATEMENT") || found.kind().equals("TEMP_FILE"));
    }

    private boolean isFast(LogMessages.Found found) {
        return found.kind().equals("SLOW_STATEMENT")
                && Double.parseDouble(found.attributes().getOrDefault("duration_ms", "0"))
                        < slowMillis;
    }

    private LogEvent event(
            LogLine line,
            long time,
            long sessionStart,
            String kind,
            String message,
            String detail,
            String statement,
            @Nullable DeadlockReport deadlock,
            Map<String, String> attributes) {
        StatementText text = StatementText.of(statement);
        return new LogEvent(
                target,
                time,
                kind,
                (int) line.number("pid"),
                sessionStart,
                LogText.clean(line.text("session_id")),
                line.number("line_num"),
                LogText.clean(line.text("user")),
                LogText.clean(line.text("dbname")),
                LogText.clean(line.text("application_name")),
                LogText.clean(line.text("connection_from")),
                LogText.clean(line.text("backend_type")),
                LogText.clean(line.text("state_code")),
                LogText.clean(line.text("error_severity")),
                message,
                detail,
                text.text(),
                text.fingerprint(),
                line.number("query_id"),
                deadlock,
                Map.copyOf(attributes));
    }
}
