package io.onevault.connectors.serverlog;

import io.onevault.connectors.model.DeadlockProcess;
import io.onevault.connectors.model.DeadlockReport;
import io.onevault.connectors.statement.StatementText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the detail of "deadlock detected": first a line for each wait, then each process with its
 * statement. The words depend on {@code lc_messages}, so the numbers and the name of the lock mode
 * are found by their shape, and believed only when every blocker is one of the waiters.
 *
 * <p>Source: {@code DeadLockReport} in PostgreSQL's {@code deadlock.c}.
 */
final class DeadlockDetail {

    private static final Pattern ENGLISH =
            Pattern.compile(
                    "Process (\\d+) waits for (\\w+) on (.*); blocked by process (\\d+)\\.");
    private static final Pattern WAIT =
            Pattern.compile("\\D{0,40}?(\\d+)(\\D.*?)\\b([A-Z]\\w*Lock)\\b(.*\\D)(\\d+)\\D{0,40}");
    private static final Pattern STATEMENT =
            Pattern.compile("\\D{0,40}?(\\d+)\\D{0,3}[:：] ?(.*)", Pattern.DOTALL);
    private static final Pattern LINES = Pattern.compile("\r?\n");

    private DeadlockDetail() {}

    private record Wait(int pid, String mode, String tag, int blocker) {}

    /**
     * @param victim the process that reported it
     */
    static DeadlockReport read(String detail, int victim) {
        List<String> lines = List.of(LINES.split(detail));
        List<Wait> waits = new ArrayList<>();
        int at = 0;
        while (at < lines.size() && wait(lines.get(at), waits)) {
            at++;
        }
        if (!isCycle(waits)) {
            return new DeadlockReport(List.of(), victim, StatementText.of(detail).text());
        }
        Map<Integer, String> statements = statements(lines.subList(at, lines.size()), waits);
        return new DeadlockReport(
                waits.stream()
                        .map(
                                wait -> {
                                    StatementText text =
                                            StatementText.of(
                                                    statements.getOrDefault(wait.pid(), ""));
                                    return new DeadlockProcess(
                                            wait.pid(),
                                            wait.mode(),
                                            wait.tag(),
                                            wait.blocker(),
                                            text.text(),
                                            text.fingerprint());
                                })
                        .toList(),
                victim,
                "");
    }

    private static boolean wait(String line, List<Wait> waits) {
        Matcher english = ENGLISH.matcher(line);
        if (english.matches()) {
            return add(
                    waits, english.group(1), english.group(2), english.group(3), english.group(4));
        }
        Matcher any = WAIT.matcher(line);
        return any.matches()
                && add(
                        waits,
                        any.group(1),
                        any.group(3),
                        LogText.clean((any.group(2) + any.group(4)).strip()),
                        any.group(5));
    }

    private static boolean add(
            List<Wait> waits, String pid, String mode, String tag, String blocker) {
        try {
            waits.add(new Wait(Integer.parseInt(pid), mode, tag, Integer.parseInt(blocker)));
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean isCycle(List<Wait> waits) {
        Set<Integer> pids = new HashSet<>();
        waits.forEach(wait -> pids.add(wait.pid()));
        return !waits.isEmpty()
                && pids.size() == waits.size()
                && waits.stream().allMatch(wait -> pids.contains(wait.blocker()));
    }

    /** Statements may have several lines; they come in the order of the waits. */
    private static Map<Integer, String> statements(List<String> lines, List<Wait> waits) {
        Map<Integer, String> statements = new HashMap<>();
        int next = 0;
        int open = 0;
        for (String line : lines) {
            Matcher begin = STATEMENT.matcher(line);
            if (next < waits.size()
                    && begin.matches()
                    && begin.group(1).equals(String.valueOf(waits.get(next).pid()))) {
                open = waits.get(next).pid();
                next++;
                statements.put(open, begin.group(2));
            } else if (open != 0) {
                statements.merge(open, line, (text, more) -> text + "\n" + more);
            }
        }
        return statements;
    }
}
