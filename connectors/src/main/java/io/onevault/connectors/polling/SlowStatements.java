package io.onevault.connectors.polling;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts statements that were slow since the last look.
 *
 * <p>The server keeps calls and time per statement since its statistics were reset; a mean over
 * that time would show yesterday's trouble forever, and hide today's. So two looks are compared. A
 * statement that was reset or forgotten in between counts from zero. Holds as many entries as the
 * server does ({@code pg_stat_statements.max}).
 */
final class SlowStatements {

    private static final double SLOW_MILLIS = 1_000;
    private static final double CRITICAL_MILLIS = 5_000;

    /** Cumulative figures of one statement. */
    record Usage(long calls, double timeMillis) {}

    private Map<String, Usage> last = new HashMap<>();
    private boolean looked;

    /** Takes the present figures of all statements; nothing on the first look. */
    List<Reading> look(Map<String, Usage> present) {
        List<Reading> readings = new ArrayList<>();
        if (looked) {
            int slow = 0;
            int critical = 0;
            for (Map.Entry<String, Usage> statement : present.entrySet()) {
                double mean =
                        mean(
                                last.getOrDefault(statement.getKey(), new Usage(0, 0)),
                                statement.getValue());
                slow += mean > SLOW_MILLIS ? 1 : 0;
                critical += mean > CRITICAL_MILLIS ? 1 : 0;
            }
            readings.add(Reading.of("slow_queries", Map.of(), slow));
            readings.add(Reading.of("critical_queries", Map.of(), critical));
        }
        last = Map.copyOf(present);
        looked = true;
        return readings;
    }

    private static double mean(Usage before, Usage now) {
        boolean reset = now.calls() < before.calls() || now.timeMillis() < before.timeMillis();
        long calls = reset ? now.calls() : now.calls() - before.calls();
        double time = reset ? now.timeMillis() : now.timeMillis() - before.timeMillis();
        return calls == 0 ? 0 : time / calls;
    }
}
