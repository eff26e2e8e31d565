package io.onevault.jobs.locks.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Random states of a lock table, made as the server makes them, request by request, with the plain
 * and slow form of its rules: granted when nothing held and nobody in the queue excludes it, else
 * queued before the first whom it excludes, else at the end.
 */
final class RandomLocks {

    private static final int PROCESSES = 12;

    private record Request(int pid, int mode, int arrival) {}

    private static final class Lock {
        final Map<Integer, Set<Integer>> held = new TreeMap<>();
        final List<Request> queue = new ArrayList<>();
    }

    private final List<Lock> locks = new ArrayList<>();
    private final Map<Integer, Integer> leaders = new TreeMap<>();
    private final int[] waitsFor = new int[PROCESSES];
    private int arrivals;

    RandomLocks(long seed) {
        Random random = new Random(seed);
        int tables = 1 + random.nextInt(4);
        for (int i = 0; i < tables; i++) {
            locks.add(new Lock());
        }
        for (int pid = 0; pid < PROCESSES; pid++) {
            waitsFor[pid] = -1;
            leaders.put(pid, pid > 7 && random.nextInt(3) == 0 ? pid - 8 : pid);
        }
        int steps = 5 + random.nextInt(40);
        int weakest = random.nextInt(5);
        for (int i = 0; i < steps; i++) {
            int pid = random.nextInt(PROCESSES);
            if (waitsFor[pid] < 0) {
                int lock = random.nextInt(tables);
                request(lock, pid, 1 + Math.max(random.nextInt(8) - weakest, 0));
            }
        }
    }

    private void request(int number, int pid, int mode) {
        Lock lock = locks.get(number);
        int place = lock.queue.size();
        for (int i = 0; i < lock.queue.size(); i++) {
            Request other = lock.queue.get(i);
            if (!sameGroup(pid, other.pid()) && groupExcludes(lock, pid, other.mode())) {
                place = i;
                break;
            }
        }
        boolean free = true;
        for (int i = 0; i < place; i++) {
            Request ahead = lock.queue.get(i);
            free &= sameGroup(pid, ahead.pid()) || !LockConflicts.conflict(mode, ahead.mode());
        }
        for (Map.Entry<Integer, Set<Integer>> holder : lock.held.entrySet()) {
            for (int held : holder.getValue()) {
                free &= sameGroup(pid, holder.getKey()) || !LockConflicts.conflict(mode, held);
            }
        }
        if (free) {
            lock.held.computeIfAbsent(pid, p -> new TreeSet<>()).add(mode);
        } else {
            lock.queue.add(place, new Request(pid, mode, arrivals++));
            waitsFor[pid] = number;
        }
    }

    private boolean groupExcludes(Lock lock, int pid, int mode) {
        return lock.held.entrySet().stream()
                .filter(holder -> sameGroup(pid, holder.getKey()))
                .flatMap(holder -> holder.getValue().stream())
                .anyMatch(held -> LockConflicts.conflict(mode, held));
    }

    private boolean sameGroup(int one, int other) {
        return group(one) == group(other);
    }

    private int group(int pid) {
        return leaders.get(pid);
    }

    /** The state as the server shows it, rows in no useful order. */
    Locks snapshot() {
        Locks rows = new Locks();
        leaders.forEach(
                (pid, leader) -> {
                    if (!pid.equals(leader)) {
                        rows.worker(pid + 1, leader + 1);
                    }
                });
        for (int table = 0; table < locks.size(); table++) {
            Lock lock = locks.get(table);
            for (Request request : lock.queue) {
                rows.waits(
                        request.pid() + 1,
                        LockConflicts.name(request.mode()),
                        table,
                        arrivals - request.arrival());
            }
            for (Map.Entry<Integer, Set<Integer>> holder : lock.held.entrySet()) {
                for (int mode : holder.getValue()) {
                    rows.holds(holder.getKey() + 1, LockConflicts.name(mode), table);
                }
            }
        }
        return rows;
    }

    /** What {@code pg_blocking_pids} says for a lock group, by the words of its comment. */
    Set<Integer> blockersOf(int leader) {
        Set<Integer> blockers = new TreeSet<>();
        for (Lock lock : locks) {
            for (int i = 0; i < lock.queue.size(); i++) {
                Request blocked = lock.queue.get(i);
                if (group(blocked.pid()) + 1 != leader) {
                    continue;
                }
                for (Map.Entry<Integer, Set<Integer>> holder : lock.held.entrySet()) {
                    if (!sameGroup(blocked.pid(), holder.getKey())
                            && holder.getValue().stream()
                                    .anyMatch(h -> LockConflicts.conflict(h, blocked.mode()))) {
                        blockers.add(group(holder.getKey()) + 1);
                    }
                }
                for (Request ahead : lock.queue.subList(0, i)) {
                    if (!sameGroup(blocked.pid(), ahead.pid())
                            && LockConflicts.conflict(ahead.mode(), blocked.mode())) {
                        blockers.add(group(ahead.pid()) + 1);
                    }
                }
            }
        }
        return blockers;
    }
}
