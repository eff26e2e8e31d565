package io.onevault.jobs.locks.graph;

import java.util.List;

/**
 * Which lock modes exclude each other. The table is the array {@code LockConflicts} of PostgreSQL's
 * {@code lock.c} (manual, table "Conflicting Lock Modes"), the same for all versions from 14 to 18
 * and for every kind of lock, advisory ones included. A predicate lock ({@code SIReadLock})
 * excludes nothing.
 *
 * <p>Modes are numbers from 1 to {@value #MODES} in the server's order, and sets of modes are bit
 * masks with bit {@code mode}.
 */
public final class LockConflicts {

    /** How many modes there are; 0 is none of them. */
    public static final int MODES = 8;

    private static final List<String> NAMES =
            List.of(
                    "",
                    "AccessShareLock",
                    "RowShareLock",
                    "RowExclusiveLock",
                    "ShareUpdateExclusiveLock",
                    "ShareLock",
                    "ShareRowExclusiveLock",
                    "ExclusiveLock",
                    "AccessExclusiveLock");

    private static final int[] CONFLICTS = {
        0,
        mask(8),
        mask(7, 8),
        mask(5, 6, 7, 8),
        mask(4, 5, 6, 7, 8),
        mask(3, 4, 6, 7, 8),
        mask(3, 4, 5, 6, 7, 8),
        mask(2, 3, 4, 5, 6, 7, 8),
        mask(1, 2, 3, 4, 5, 6, 7, 8),
    };

    private LockConflicts() {}

    /**
     * The number of a mode.
     *
     * @return 0 for a name that is none, and for {@code SIReadLock}
     */
    public static int mode(String name) {
        return switch (name) {
            case "AccessShareLock" -> 1;
            case "RowShareLock" -> 2;
            case "RowExclusiveLock" -> 3;
            case "ShareUpdateExclusiveLock" -> 4;
            case "ShareLock" -> 5;
            case "ShareRowExclusiveLock" -> 6;
            case "ExclusiveLock" -> 7;
            case "AccessExclusiveLock" -> 8;
            default -> 0;
        };
    }

    /** The server's name of a mode; empty for 0. */
    public static String name(int mode) {
        return NAMES.get(mode);
    }

    /**
     * The modes that exclude {@code mode}; as the relation is symmetric, also those it excludes.
     */
    public static int conflictsOf(int mode) {
        return CONFLICTS[mode];
    }

    /** The modes that exclude at least one mode of the set {@code modes}. */
    public static int conflictsOfAny(int modes) {
        int conflicts = 0;
        for (int rest = modes; rest != 0; rest &= rest - 1) {
            conflicts |= CONFLICTS[Integer.numberOfTrailingZeros(rest)];
        }
        return conflicts;
    }

    /** Whether both modes cannot be held at once by two processes. */
    public static boolean conflict(int one, int other) {
        return (CONFLICTS[one] & 1 << other) != 0;
    }

    private static int mask(int... modes) {
        int mask = 0;
        for (int mode : modes) {
            mask |= 1 << mode;
        }
        return mask;
    }
}
