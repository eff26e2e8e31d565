package io.onevault.benchmarks.locks;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.SessionRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Lock tables as a busy server has them: each session in a transaction that has locked itself, two
 * tables and two indexes, and waits for another or not.
 */
final class SampleLocks {

    private static final long NOW = 1_800_000_000_000_000L;
    private static final long DATABASE = 16_384;
    private static final long TABLE = 16_400;
    private static final int INDEXES = 4;
    private static final int FIRST_PID = 1_000;

    private final List<LockRow> locks = new ArrayList<>();
    private final List<SessionRow> sessions = new ArrayList<>();

    private SampleLocks() {}

    /** All want one row: the first waits for its writer, the others for the first. */
    static LockSnapshot hotRow(int count) {
        SampleLocks sample = new SampleLocks();
        for (int i = 0; i < count; i++) {
            sample.session(i, i > 0);
            if (i == 1) {
                sample.transaction(i, 0, false);
                sample.row(i, true);
            } else if (i > 1) {
                sample.row(i, false);
            }
        }
        return sample.snapshot();
    }

    /**
     * Two of three wait for the transaction of a random other, so that there are chains, forks and
     * cycles; one of ten transactions that write a table also waits to alter it.
     */
    static LockSnapshot random(int count, long seed) {
        SampleLocks sample = new SampleLocks();
        Random random = new Random(seed);
        for (int i = 0; i < count; i++) {
            int kind = random.nextInt(30);
            sample.session(i, kind < 23);
            if (kind < 20) {
                sample.transaction(i, (i + 1 + random.nextInt(count - 1)) % count, false);
            } else if (kind < 23) {
                sample.table(i, 1 + random.nextInt(1 + count / 20), "ShareLock", false);
            }
            sample.table(i, 1 + random.nextInt(1 + count / 20), "RowExclusiveLock", true);
        }
        return sample.snapshot();
    }

    private void session(int i, boolean waits) {
        transaction(i, i, true);
        add("virtualxid", i, 0, 0, 0, 0, "ExclusiveLock", true, true);
        for (int index = 0; index < INDEXES; index++) {
            add("relation", i, TABLE + index, 0, 0, 0, "RowExclusiveLock", true, true);
        }
        sessions.add(
                new SessionRow(
                        FIRST_PID + i,
                        NOW - i,
                        "client backend",
                        0,
                        "shop",
                        "shop",
                        false,
                        "app",
                        "10.0.0.1",
                        waits ? "active" : "idle in transaction",
                        NOW,
                        NOW,
                        NOW,
                        waits ? "Lock" : "Client",
                        waits ? "transactionid" : "ClientRead",
                        i + 1,
                        "UPDATE t SET n = n + ? WHERE id = ?",
                        "0123456789abcdef",
                        7,
                        true));
    }

    private void transaction(int i, int of, boolean granted) {
        add(
                "transactionid",
                i,
                0,
                0,
                0,
                of + 1,
                granted ? "ExclusiveLock" : "ShareLock",
                granted,
                false);
    }

    private void row(int i, boolean granted) {
        add("tuple", i, TABLE, 3, 4, 0, "ExclusiveLock", granted, false);
    }

    private void table(int i, int table, String mode, boolean granted) {
        add("relation", i, TABLE + 100 + table, 0, 0, 0, mode, granted, false);
    }

    private void add(
            String type,
            int i,
            long relation,
            long page,
            int tuple,
            long transaction,
            String mode,
            boolean granted,
            boolean fastPath) {
        String virtual = (i + 2) + "/1";
        locks.add(
                new LockRow(
                        type,
                        relation == 0 ? 0 : DATABASE,
                        relation,
                        "",
                        page,
                        tuple,
                        type.equals("virtualxid") ? virtual : "",
                        transaction,
                        0,
                        0,
                        0,
                        virtual,
                        FIRST_PID + i,
                        mode,
                        granted,
                        fastPath,
                        granted ? 0 : NOW - 1_000_000 + i));
    }

    private LockSnapshot snapshot() {
        return new LockSnapshot(
                "sample",
                NOW,
                "18.6",
                List.copyOf(locks),
                List.copyOf(sessions),
                List.of(),
                List.of());
    }
}
