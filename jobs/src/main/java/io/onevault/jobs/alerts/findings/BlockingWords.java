package io.onevault.jobs.alerts.findings;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.locks.incident.Blocker;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Victim;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Says of a blocking incident what fits on a phone. It names no user, no address and no statement.
 */
final class BlockingWords {

    private static final int MOST_TABLES = 3;

    private BlockingWords() {}

    static OpenBlocking open(BlockingIncident row) {
        long since = row.observedAtMicros() - row.longestWaitMicros();
        long earliest = Long.MAX_VALUE;
        for (Victim victim : row.victims()) {
            // The longest wait may have been that of one who waits no more.
            earliest =
                    victim.waitStartMicros() > 0
                            ? Math.min(earliest, victim.waitStartMicros())
                            : earliest;
        }
        return new OpenBlocking(
                row.key(),
                series(row),
                earliest == Long.MAX_VALUE ? since : earliest,
                row.observedAtMicros(),
                row.victimCount(),
                row.impactScore(),
                Words.line(
                        blocker(row.root(), true)
                                + " blocks "
                                + sessions(row.victimCount())
                                + tables(row.relations())),
                Words.line(row.advice()));
    }

    static String about(OpenBlocking incident, double seconds) {
        return Words.line(
                "%s, the longest for %s. %s"
                        .formatted(incident.who(), Words.duration(seconds), incident.advice()));
    }

    /** Why nobody waits any longer. */
    static String over(BlockingIncident row) {
        if (row.open()) {
            return Words.line(blocker(row.root(), false) + " blocks in its place");
        }
        long micros = row.closedAtMicros() - row.openedAtMicros();
        String how =
                switch (row.resolution()) {
                    case "COMPLETED" -> " let go";
                    case "TIMEOUT" -> " ran into a timeout";
                    case "CANCELLED" -> " was cancelled";
                    case "TERMINATED" -> " was terminated";
                    case "DEADLOCK" -> " was ended as the victim of a deadlock";
                    default -> " blocks no longer";
                };
        return Words.line(
                "%s%s after %s, %s had waited for it"
                        .formatted(
                                blocker(row.root(), false),
                                how,
                                Words.duration((double) micros / TimeUnit.SECONDS.toMicros(1)),
                                sessions(row.peakVictims())));
    }

    private static String series(BlockingIncident row) {
        return new SeriesId(
                        row.target(),
                        row.tenant(),
                        FindingMetrics.BLOCKING_SECONDS,
                        Map.of(
                                "database",
                                row.root().database(),
                                "application",
                                application(row.root())))
                .text();
    }

    private static String application(Blocker root) {
        if (root.pid() == 0) {
            return "prepared transaction";
        }
        boolean client =
                root.backendType().isEmpty() || root.backendType().equals("client backend");
        return root.application().isEmpty() && !client ? root.backendType() : root.application();
    }

    private static String blocker(Blocker root, boolean present) {
        if (root.pid() == 0) {
            return "prepared transaction " + root.gid();
        }
        String application = application(root);
        String state = present && root.idleInTransaction() ? root.state() : "";
        String both = application + (application.isEmpty() || state.isEmpty() ? "" : ", ") + state;
        return "pid " + root.pid() + (both.isEmpty() ? "" : " (" + both + ")");
    }

    private static String sessions(int count) {
        return String.format(Locale.ROOT, "%d session%s", count, count == 1 ? "" : "s");
    }

    private static String tables(List<String> relations) {
        if (relations.isEmpty()) {
            return "";
        }
        String named =
                String.join(", ", relations.subList(0, Math.min(MOST_TABLES, relations.size())));
        int more = relations.size() - MOST_TABLES;
        return " on " + named + (more > 0 ? " and " + more + " more" : "");
    }
}
