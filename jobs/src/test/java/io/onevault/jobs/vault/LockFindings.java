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
import java.util.Random;

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
                opened,
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
                outcome.equals("OPEN") ? 0 : seen - 50_000,
                seen,
                members.isEmpty() ? 3 : 1,
                members,
                outcome.equals("DEADLOCK") && !members.isEmpty() ? members.get(1).pid() : 0);
    }

    static DeadlockMember member(int pid, int blockedBy, String waitKey) {
        return member(pid, blockedBy, waitKey, "anna", "public.t" + pid);
    }

    static DeadlockMember member(
            int pid, int blockedBy, String waitKey, String user, String relation) {
        return new DeadlockMember(
                pid,
                17,
                user,
                "web",
                "transactionid",
                "ShareLock",
                "transaction " + blockedBy,
                relation,
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

    /**
     * Waits that open and close, at times within one millisecond, with all that comes of them; some
     * incidents concern several tenants for as long as a row.
     */
    static List<Object> episodes(long t0, Random random) {
        List<Object> findings = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String tenant = List.of("", "acme", "umbrella").get(random.nextInt(3));
            long at = t0 + i * 1_000_000L;
            String incident = "prod/" + i + "/17/" + at;
            List<Integer> pids = List.of(i, 100 + i, 200 + i);
            long end = at + (i % 2 == 0 ? 3 : 30_000);
            findings.add(incident(incident, i % 3 == 0 ? "" : tenant, pids, at, 0, at + 1));
            findings.add(incident(incident, tenant, pids, at, 0, at + 2));
            findings.add(incident(incident, tenant, pids, at, end, end));
            for (int pid : pids.subList(1, 3)) {
                LockWait wait = wait(incident, tenant, pid, pid - 100, at, 0, at);
                findings.add(wait);
                findings.add(wait(incident, tenant, pid, pid - 100, at, end, end));
                if (pid == 100 + i) {
                    for (String outcome : List.of("OPEN", i % 3 == 0 ? "NEAR_MISS" : "DEADLOCK")) {
                        findings.add(
                                deadlock(
                                        "prod/deadlock/" + i,
                                        tenant,
                                        outcome,
                                        List.of(member(i, pid, ""), member(pid, i, wait.key())),
                                        outcome.equals("OPEN") ? at : end));
                    }
                }
            }
            findings.add(decision(incident, tenant, i, at, 0, ""));
            findings.add(
                    i % 2 == 0
                            ? decision(incident, tenant, i, at, 0, "GONE")
                            : decision(incident, tenant, i, at, at + 2_000, "SENT"));
        }
        return findings;
    }
}
