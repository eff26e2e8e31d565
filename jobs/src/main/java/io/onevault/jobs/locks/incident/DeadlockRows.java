package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.DeadlockProcess;
import io.onevault.connectors.model.DeadlockReport;
import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LogEvent;
import io.onevault.jobs.locks.graph.DeadlockCycle;
import io.onevault.jobs.locks.graph.WaitForGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Writes deadlocks down. */
final class DeadlockRows {

    static final String COUNTER = "COUNTER";

    private static final String GRAPH = "LOCK_GRAPH";
    private static final String LOG = "SERVER_LOG";
    private static final String DEADLOCK = "DEADLOCK";
    private static final long MILLI = 1000;

    private DeadlockRows() {}

    /** The waits that form a cycle, in its order; fewer when one of them is not known. */
    static List<OpenWait> waits(DeadlockCycle cycle, Look look, WaitTracker waits) {
        WaitForGraph graph = look.analysis().graph();
        List<OpenWait> members = new ArrayList<>();
        List<Integer> nodes = cycle.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            LockRow reason = graph.reason(nodes.get(i), nodes.get((i + 1) % nodes.size()));
            OpenWait wait = reason == null ? null : waits.ofProcess(reason.pid());
            if (wait != null) {
                members.add(wait);
            }
        }
        return members;
    }

    static List<String> databases(List<OpenWait> members) {
        TreeSet<String> names = new TreeSet<>();
        members.forEach(member -> names.add(member.row().database()));
        names.remove("");
        return List.copyOf(names);
    }

    static List<DeadlockMember> members(List<OpenWait> waits) {
        List<DeadlockMember> members = new ArrayList<>();
        for (int i = 0; i < waits.size(); i++) {
            LockWait row = waits.get(i).row();
            String lock = waits.get(i).lock();
            members.add(
                    new DeadlockMember(
                            row.pid(),
                            row.backendStartMicros(),
                            row.user(),
                            row.application(),
                            row.lockType(),
                            row.lockMode(),
                            lock.substring(lock.indexOf(" on ") + 4),
                            row.relation(),
                            waits.get((i + 1) % waits.size()).row().pid(),
                            row.query(),
                            row.fingerprint(),
                            row.key()));
        }
        return List.copyOf(members);
    }

    static DeadlockEvent open(String target, List<OpenWait> waits, long at) {
        LockWait last = waits.get(0).row();
        int all = 0;
        for (OpenWait wait : waits) {
            LockWait row = wait.row();
            all += row.key().hashCode();
            if (row.waitStartMicros() > last.waitStartMicros()) {
                last = row;
            }
        }
        String key =
                "%s/%d/%d/%d/%08x"
                        .formatted(
                                target,
                                last.pid(),
                                last.backendStartMicros(),
                                last.waitStartMicros(),
                                all);
        return new DeadlockEvent(
                key,
                target,
                "",
                List.of(),
                last.database(),
                "OPEN",
                "",
                GRAPH,
                last.waitStartMicros(),
                at,
                0,
                0,
                at,
                1,
                members(waits),
                0);
    }

    /** Whether the process whose statement was ended is a member. */
    static boolean hasVictim(DeadlockEvent row, LogEvent report) {
        LogEnding victim = new LogEnding(report.pid(), report.sessionStart(), 0, "");
        for (DeadlockMember member : row.members()) {
            if (member.pid() == report.pid() && victim.isOf(member.backendStartMicros())) {
                return true;
            }
        }
        return false;
    }

    /** What a sample showed, with what the log told. */
    static DeadlockEvent reported(
            DeadlockEvent row, LogEvent report, IntFunction<@Nullable OpenWait> waits, long at) {
        Map<Integer, DeadlockMember> sampled = new HashMap<>();
        row.members().forEach(member -> sampled.put(member.pid(), member));
        List<DeadlockMember> members = members(report, sampled, waits);
        return new DeadlockEvent(
                row.key(),
                row.target(),
                row.tenant(),
                row.tenants(),
                report.database().isEmpty() ? row.database() : report.database(),
                DEADLOCK,
                "",
                row.detectedAtMicros() == 0 ? LOG : GRAPH + "+" + LOG,
                row.detectedAtMicros() == 0
                        ? closedAt(members, waits, report)
                        : row.deadlockAtMicros(),
                row.detectedAtMicros(),
                report.timestamp() * MILLI,
                report.timestamp() * MILLI,
                at,
                1,
                members.isEmpty() ? row.members() : members,
                report.pid());
    }

    /** What the log told and no sample showed. */
    static DeadlockEvent logged(
            String target, LogEvent report, IntFunction<@Nullable OpenWait> waits, long at) {
        List<DeadlockMember> members = members(report, Map.of(), waits);
        String key =
                "%s/%d/%d/%d/%d"
                        .formatted(
                                target,
                                report.pid(),
                                report.sessionStart() * MILLI,
                                report.timestamp() * MILLI,
                                report.line());
        return new DeadlockEvent(
                key,
                target,
                "",
                List.of(),
                report.database(),
                DEADLOCK,
                "",
                LOG,
                closedAt(members, waits, report),
                0,
                report.timestamp() * MILLI,
                report.timestamp() * MILLI,
                at,
                1,
                members,
                report.pid());
    }

    /** A cycle closes when the last of its members begins to wait. */
    private static long closedAt(
            List<DeadlockMember> members, IntFunction<@Nullable OpenWait> waits, LogEvent report) {
        long reported = report.timestamp() * MILLI;
        long latest = 0;
        for (DeadlockMember member : members) {
            OpenWait wait = member.waitKey().isEmpty() ? null : waits.apply(member.pid());
            if (wait == null) {
                return reported;
            }
            latest = Math.max(latest, wait.row().waitStartMicros());
        }
        return latest == 0 || latest > reported + MILLI ? reported : latest;
    }

    private static List<DeadlockMember> members(
            LogEvent report,
            Map<Integer, DeadlockMember> sampled,
            IntFunction<@Nullable OpenWait> waits) {
        DeadlockReport deadlock = report.deadlock();
        if (deadlock == null) {
            return List.of();
        }
        List<DeadlockMember> members = new ArrayList<>();
        for (DeadlockProcess process : deadlock.processes()) {
            OpenWait wait = waits.apply(process.pid());
            LockWait row =
                    wait == null || wait.row().waitStartMicros() > (report.timestamp() + 1) * MILLI
                            ? null
                            : wait.row();
            DeadlockMember known = sampled.get(process.pid());
            if (known == null && row != null) {
                known = members(List.of(wait)).get(0);
            }
            boolean victim = process.pid() == report.pid();
            String place = victim ? report.attributes().getOrDefault("relation", "") : "";
            members.add(
                    new DeadlockMember(
                            process.pid(),
                            known == null ? 0 : known.backendStartMicros(),
                            known != null ? known.user() : victim ? report.user() : "",
                            known != null
                                    ? known.application()
                                    : victim ? report.application() : "",
                            lockType(process.lockTag()),
                            process.lockMode(),
                            process.lockTag(),
                            known == null || known.relation().isEmpty() ? place : known.relation(),
                            process.blockedBy(),
                            process.statement().isEmpty() && known != null
                                    ? known.statement()
                                    : process.statement(),
                            process.statement().isEmpty() && known != null
                                    ? known.fingerprint()
                                    : process.fingerprint(),
                            known == null ? "" : known.waitKey()));
        }
        return List.copyOf(members);
    }

    private static String lockType(String tag) {
        int space = tag.indexOf(' ');
        return switch (space < 0 ? tag : tag.substring(0, space)) {
            case "transaction" -> "transactionid";
            case "relation" -> "relation";
            case "tuple" -> "tuple";
            case "page" -> "page";
            case "extension" -> "extend";
            case "advisory" -> "advisory";
            case "object" -> "object";
            case "virtual" -> "virtualxid";
            case "speculative" -> "spectoken";
            default -> "";
        };
    }

    /** What the log told, with a sample that came late. */
    static DeadlockEvent merged(DeadlockEvent row, List<OpenWait> waits, long detectedAt, long at) {
        DeadlockEvent sampled = open(row.target(), waits, detectedAt);
        return new DeadlockEvent(
                row.key(),
                row.target(),
                row.tenant(),
                row.tenants(),
                row.database(),
                row.outcome(),
                "",
                GRAPH + "+" + LOG,
                sampled.deadlockAtMicros(),
                detectedAt,
                row.reportedAtMicros(),
                row.endedAtMicros(),
                at,
                1,
                sampled.members(),
                row.victimPid());
    }

    /** What will be told of a cycle that stands no more, as far as it is known. */
    static DeadlockEvent ended(DeadlockEvent row, long endedAt) {
        return with(
                row,
                row.database(),
                row.outcome(),
                row.resolution(),
                row.source(),
                Math.max(endedAt, row.deadlockAtMicros()),
                row.count(),
                row.observedAtMicros());
    }

    static DeadlockEvent byCounter(DeadlockEvent row, String database, long at) {
        return with(row, database, DEADLOCK, "", GRAPH + "+" + COUNTER, row.endedAtMicros(), 1, at);
    }

    static DeadlockEvent nearMiss(DeadlockEvent row, String resolution, long at) {
        return with(
                row, row.database(), "NEAR_MISS", resolution, GRAPH, row.endedAtMicros(), 1, at);
    }

    static DeadlockEvent counted(DeadlockEvent row, int count, long at) {
        return with(row, row.database(), DEADLOCK, "", COUNTER, row.endedAtMicros(), count, at);
    }

    private static DeadlockEvent with(
            DeadlockEvent row,
            String database,
            String outcome,
            String resolution,
            String source,
            long endedAt,
            int count,
            long at) {
        return new DeadlockEvent(
                row.key(),
                row.target(),
                row.tenant(),
                row.tenants(),
                database,
                outcome,
                resolution,
                source,
                row.deadlockAtMicros(),
                row.detectedAtMicros(),
                row.reportedAtMicros(),
                endedAt,
                at,
                count,
                row.members(),
                row.victimPid());
    }

    /** What the counter alone told. */
    static DeadlockEvent counter(
            String target, String database, int count, long countedAt, long at) {
        return new DeadlockEvent(
                target + "/" + database + "/" + countedAt,
                target,
                "",
                List.of(),
                database,
                DEADLOCK,
                "",
                COUNTER,
                countedAt,
                0,
                countedAt,
                countedAt,
                at,
                count,
                List.of(),
                0);
    }
}
