package io.onevault.jobs.vault;

import io.onevault.jobs.locks.incident.Blocker;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.DeadlockMember;
import io.onevault.jobs.locks.incident.LockWait;
import io.onevault.jobs.locks.incident.Victim;
import io.onevault.jobs.locks.resolution.LockResolution;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Findings about locks, for tests; times in microseconds since the epoch. */
final class LockFindings {

    private LockFindings() {}

    static LockWait wait(
            String incident,
            String tenant,
            int pid,
            int blockedBy,
            long start,
            long end,
            long seen) {
        return new LockWait(
                "prod/" + pid + "/" + 17 + "/" + start,
                "prod",
                tenant,
                "shop",
                pid,
                17,
                "anna",
                "web",
                "transactionid",
                "ShareLock",
                "public.orders",
                List.of(blockedBy, 0),
                start,
                end,
                seen,
                "UPDATE orders SET x = ?",
                "f1",
                false,
                end == 0 ? "" : "COMPLETED",
                12.5,
                "",
                incident);
    }

    /**
     * An incident in which each of {@code pids} waits for the one before, the first is the root.
     */
    static BlockingIncident incident(
            String key, String tenant, List<Integer> pids, long opened, long closed, long seen) {
        List<Victim> victims = new ArrayList<>();
        for (int i = 1; i < pids.size() && closed == 0; i++) {
            victims.add(
                    new Victim(
                            pids.get(i),
                            17,
                            pids.get(i - 1),
                            true,
                            i,
                            "anna",
                            "web \"1\"",
                            "shop",
                            "relation",
                            "AccessExclusiveLock",
                            "public.orders",
                            opened + i,
                            "LOCK TABLE orders"));
        }
        int waiting = pids.size() - 1;
        return new BlockingIncident(
                key,
                "prod",
                tenant,
                tenant.isEmpty() ? List.of() : List.of(tenant),
                new Blocker(
                        pids.get(0),
                        "",
                        17,
                        "client backend",
                        "idle in transaction",
                        opened - 5,
                        opened - 10,
                        "bert",
                        false,
                        "psql",
                        "10.0.0.7",
                        "shop",
                        "UPDATE orders SET x = ?",
                        "f0",
                        true),
                1,
                closed == 0 ? "OPEN" : "CLOSED",
                closed == 0 ? "" : "COMPLETED",
                opened,
                closed,
                seen,
                List.of("public.orders", "a, \"b\\"),
                List.of("AccessExclusiveLock"),
                waiting,
                closed == 0 ? waiting : 0,
                victims,
                seen - opened,
                waiting,
                waiting,
                (seen - opened) * waiting,
                false,
                40,
                "",
                "end it");
    }

    static DeadlockEvent deadlock(
            String key, String tenant, String outcome, List<DeadlockMember> members, long seen) {
        return new DeadlockEvent(
                key,
                "prod",
                tenant,
                tenant.isEmpty() ? List.of() : List.of(tenant),
                "shop",
                outcome,
                outcome.equals("NEAR_MISS") ? "TIMEOUT" : "",
                members.isEmpty() ? "COUNTER" : "LOCK_GRAPH",
                seen - 300_000,
                members.isEmpty() ? 0 : seen - 200_000,
                outcome.equals("DEADLOCK") ? seen : 0,
                seen,
                members.isEmpty() ? 3 : 1,
                members,
                outcome.equals("DEADLOCK") && !members.isEmpty() ? members.get(1).pid() : 0);
    }

    static DeadlockMember member(int pid, int blockedBy, String waitKey) {
        return new DeadlockMember(
                pid,
                17,
                "anna",
                "web",
                "transactionid",
                "ShareLock",
                "transaction " + blockedBy,
                "public.t" + pid,
                blockedBy,
                "UPDATE t" + pid + " SET x = ?",
                "f" + pid,
                waitKey);
    }

    static LockResolution decision(
            String incident, String tenant, int pid, long decided, long executed, String outcome) {
        return new LockResolution(
                "prod/" + pid + "/17/" + decided,
                incident,
                "prod",
                tenant,
                pid,
                17,
                decided,
                "CANCEL",
                "it blocks 3 others",
                Map.of("superuser", "passed", "backup", "passed"),
                false,
                executed,
                outcome);
    }
}
