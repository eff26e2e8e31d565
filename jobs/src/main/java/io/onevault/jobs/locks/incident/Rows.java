package io.onevault.jobs.locks.incident;

import java.util.List;

/** Makes one row from another. */
final class Rows {

    private Rows() {}

    static LockWait started(LockWait row, long waitStart) {
        return wait(
                row,
                row.blockingPids(),
                waitStart,
                row.waitEndMicros(),
                row.observedAtMicros(),
                row.deadlock(),
                row.resolution(),
                row.incident());
    }

    static LockWait lasting(
            LockWait row, List<Integer> blockers, long at, boolean deadlock, String incident) {
        return wait(
                row,
                blockers,
                row.waitStartMicros(),
                0,
                Math.max(at, row.observedAtMicros() + 1),
                deadlock,
                "",
                incident);
    }

    static LockWait ended(
            LockWait row, long end, long at, boolean deadlock, String resolution, String incident) {
        return wait(
                row,
                row.blockingPids(),
                row.waitStartMicros(),
                Math.max(end, row.waitStartMicros()),
                Math.max(at, row.observedAtMicros() + 1),
                deadlock,
                resolution,
                incident);
    }

    private static LockWait wait(
            LockWait row,
            List<Integer> blockers,
            long start,
            long end,
            long at,
            boolean deadlock,
            String resolution,
            String incident) {
        return new LockWait(
                row.key(),
                row.target(),
                row.tenant(),
                row.database(),
                row.pid(),
                row.backendStartMicros(),
                row.user(),
                row.application(),
                row.lockType(),
                row.lockMode(),
                row.relation(),
                blockers,
                start,
                end,
                at,
                row.query(),
                row.fingerprint(),
                deadlock,
                resolution,
                row.impactScore(),
                row.maintenanceKind(),
                incident);
    }
}
