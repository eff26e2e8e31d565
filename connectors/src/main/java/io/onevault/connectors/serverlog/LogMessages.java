package io.onevault.connectors.serverlog;

import io.onevault.connectors.statement.StatementText;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recognises messages that are no errors, and so have no SQLSTATE, by the shape of their figures;
 * words are needed only to tell how the server was stopped and that it recovers. What cannot be
 * recognised in another language is left out.
 *
 * <p>Source: PostgreSQL's {@code proc.c} (lock waits), {@code fd.c} (temporary files), {@code
 * postgres.c} (durations), {@code postmaster.c}, {@code xlogrecovery.c}.
 */
final class LogMessages {

    private static final Pattern LOCK =
            Pattern.compile("\\D{0,60}(\\d+)\\D.*?\\b([A-Z]\\w*Lock)\\b(.*?)(\\d+\\.\\d{3})\\D*");
    private static final Pattern LOCK_ENGLISH = Pattern.compile("\\s*on (.*) after\\s*");
    private static final Pattern OTHER_LOCK =
            Pattern.compile("(detected deadlock|avoided deadlock|failed to acquire)");
    private static final Pattern TEMP_FILE =
            Pattern.compile("[^\"]{0,80}\"([^\"]*pgsql_tmp[^\"]*)\"\\D*(\\d+)\\D*");
    private static final Pattern DURATION =
            Pattern.compile("([^:\\d]{1,30}[:：] ?(\\d+\\.\\d{3}) \\S{1,6})  (.*)", Pattern.DOTALL);
    private static final Pattern STATEMENT =
            Pattern.compile("(\\w{1,20})[^:]{0,80}: (.*)", Pattern.DOTALL);
    private static final Pattern START = Pattern.compile("[^\"]{0,40}PostgreSQL \\d+.*");
    private static final Pattern STOP = Pattern.compile("received (\\w+) shutdown request");
    private static final Pattern KILLED =
            Pattern.compile(".{0,120}\\(PID (\\d+)\\)\\D+(\\d{1,2}): .*");
    private static final Pattern PLACE =
            Pattern.compile("[^\"]*\\((\\d+),(\\d+)\\)[^\"]*\"([^\"]+)\".*", Pattern.DOTALL);
    private static final Pattern SENTENCES = Pattern.compile("[.。]");
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final int LONGEST_LOCK_MESSAGE = 300;

    private LogMessages() {}

    /**
     * What a message tells.
     *
     * @param kind of the event
     * @param message what may be shown of it
     * @param statement the statement within it, literals included; empty when there is none
     * @param attributes its figures
     */
    record Found(String kind, String message, String statement, Map<String, String> attributes) {}

    /**
     * @param pid the process that logged the message
     */
    static @Nullable Found find(String message, String detail, String backendType, long pid) {
        if (backendType.equals("postmaster")) {
            return server(message);
        }
        if (backendType.equals("startup")) {
            return message.contains("not properly shut down")
                    ? new Found("RECOVERY", message, "", Map.of())
                    : null;
        }
        Found found = duration(message);
        if (found == null) {
            found = temporaryFile(message);
        }
        return found == null ? lock(message, detail, pid) : found;
    }

    private static @Nullable Found server(String message) {
        Matcher stop = STOP.matcher(message);
        if (stop.find()) {
            return new Found("SERVER_STOP", message, "", Map.of("mode", stop.group(1)));
        }
        Matcher killed = KILLED.matcher(message);
        if (killed.matches()) {
            return new Found(
                    "CRASH",
                    message,
                    "",
                    Map.of("process", killed.group(1), "signal", killed.group(2)));
        }
        return START.matcher(message).matches()
                ? new Found("SERVER_START", message, "", Map.of())
                : null;
    }

    private static @Nullable Found duration(String message) {
        Matcher duration = DURATION.matcher(message);
        if (!duration.matches()) {
            return null;
        }
        Matcher statement = STATEMENT.matcher(duration.group(3));
        Map<String, String> attributes = new HashMap<>();
        attributes.put("duration_ms", duration.group(2));
        if (statement.matches()) {
            attributes.put("phase", statement.group(1));
        }
        return new Found(
                "SLOW_STATEMENT",
                duration.group(1),
                statement.matches() ? statement.group(2) : duration.group(3),
                attributes);
    }

    private static @Nullable Found temporaryFile(String message) {
        Matcher file = TEMP_FILE.matcher(message);
        return file.matches()
                ? new Found(
                        "TEMP_FILE",
                        StatementText.of(message).text(),
                        "",
                        Map.of("file", LogText.clean(file.group(1)), "bytes", file.group(2)))
                : null;
    }

    /** The message that a wait goes on names the holders in its detail; that it ended does not. */
    private static @Nullable Found lock(String message, String detail, long pid) {
        // With log_statement, messages are statements, which may say anything after a colon.
        if (message.length() > LONGEST_LOCK_MESSAGE || message.indexOf(':') >= 0) {
            return null;
        }
        Matcher lock = LOCK.matcher(message);
        if (!lock.matches()
                || !lock.group(1).equals(String.valueOf(pid))
                || OTHER_LOCK.matcher(message).find()) {
            return null;
        }
        Map<String, String> attributes = new HashMap<>();
        attributes.put("waiter", lock.group(1));
        attributes.put("mode", lock.group(2));
        Matcher english = LOCK_ENGLISH.matcher(lock.group(3));
        attributes.put("lock", english.matches() ? english.group(1) : lock.group(3).strip());
        attributes.put("waited_ms", lock.group(4));
        if (detail.isEmpty()) {
            return new Found("LOCK_ACQUIRED", message, "", attributes);
        }
        String[] sentences = SENTENCES.split(detail, 3);
        attributes.put("holders", numbers(sentences[0]));
        attributes.put("queue", sentences.length > 1 ? numbers(sentences[1]) : "");
        return new Found("LOCK_WAIT", message, "", attributes);
    }

    private static String numbers(String text) {
        StringJoiner numbers = new StringJoiner(",");
        Matcher number = NUMBER.matcher(text);
        while (number.find()) {
            numbers.add(number.group());
        }
        return numbers.toString();
    }

    /** The row a statement was at, from the first line of an error's context. */
    static void place(String context, Map<String, String> attributes) {
        int end = context.indexOf('\n');
        Matcher place = PLACE.matcher(end < 0 ? context : context.substring(0, end));
        if (place.matches()) {
            attributes.put("tuple", "(" + place.group(1) + "," + place.group(2) + ")");
            attributes.put("relation", LogText.clean(place.group(3)));
        }
    }
}
