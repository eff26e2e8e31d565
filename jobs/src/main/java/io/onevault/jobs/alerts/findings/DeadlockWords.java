package io.onevault.jobs.alerts.findings;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.DeadlockMember;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Says of a deadlock what fits on a phone. It names no user and no statement. */
final class DeadlockWords {

    private static final int MOST_MEMBERS = 4;

    /** How long a deadlock counts. */
    private static final long RECENT = Duration.ofMinutes(10).toMillis();

    private DeadlockWords() {}

    /** A near miss takes back what its cycle announced. */
    static FoundEvent event(DeadlockEvent row) {
        String series =
                new SeriesId(
                                row.target(),
                                row.tenant(),
                                FindingMetrics.DEADLOCKS,
                                Map.of("database", row.database()))
                        .text();
        boolean counts = !row.outcome().equals("NEAR_MISS");
        return new FoundEvent(
                series,
                row.key(),
                Math.floorDiv(row.observedAtMicros(), 1000L),
                counts ? row.count() : 0,
                RECENT,
                Words.line(about(row)));
    }

    private static String about(DeadlockEvent row) {
        if (row.members().isEmpty()) {
            return "only the server's counter tells of it; its log has who it was";
        }
        String members =
                row.members().stream()
                        .limit(MOST_MEMBERS)
                        .map(DeadlockWords::member)
                        .collect(Collectors.joining(", "));
        int more = row.members().size() - MOST_MEMBERS;
        TreeSet<String> tables = new TreeSet<>();
        for (DeadlockMember member : row.members()) {
            if (!member.relation().isEmpty()) {
                tables.add(member.relation());
            }
        }
        return "%s%s wait for each other%s%s"
                .formatted(
                        members,
                        more > 0 ? " and " + more + " more" : "",
                        tables.isEmpty() ? "" : " on " + String.join(", ", tables),
                        switch (row.outcome()) {
                            case "DEADLOCK" ->
                                    row.victimPid() == 0
                                            ? "; the server ended one of them"
                                            : "; the server ended pid " + row.victimPid();
                            case "NEAR_MISS" -> "; it came apart before the server acted";
                            default -> "; the server will end one of them";
                        });
    }

    private static String member(DeadlockMember member) {
        return "pid "
                + member.pid()
                + (member.application().isEmpty() ? "" : " (" + member.application() + ")");
    }
}
