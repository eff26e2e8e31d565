package io.onevault.jobs.locks.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LockConflictsTest {

    /** The table of the manual, chapter "Explicit Locking", in its own order. */
    private static final String[] MANUAL = {
        ".......X", // ACCESS SHARE
        "......XX", // ROW SHARE
        "....XXXX", // ROW EXCL.
        "...XXXXX", // SHARE UPDATE EXCL.
        "..XX.XXX", // SHARE
        "..XXXXXX", // SHARE ROW EXCL.
        ".XXXXXXX", // EXCL.
        "XXXXXXXX", // ACCESS EXCL.
    };

    @Test
    void tableIsThatOfTheManual() {
        for (int one = 1; one <= LockConflicts.MODES; one++) {
            for (int other = 1; other <= LockConflicts.MODES; other++) {
                assertThat(LockConflicts.conflict(one, other))
                        .as("%s and %s", LockConflicts.name(one), LockConflicts.name(other))
                        .isEqualTo(MANUAL[one - 1].charAt(other - 1) == 'X')
                        .isEqualTo(LockConflicts.conflict(other, one));
            }
            assertThat(LockConflicts.mode(LockConflicts.name(one))).isEqualTo(one);
        }
    }

    @Test
    void setsConflictWithWhatAnyOfThemDoes() {
        assertThat(LockConflicts.conflictsOfAny(0)).isZero();
        assertThat(LockConflicts.conflictsOfAny(1 << 1 | 1 << 2))
                .isEqualTo(LockConflicts.conflictsOf(1) | LockConflicts.conflictsOf(2));
    }

    @Test
    void predicateLocksExcludeNothing() {
        assertThat(LockConflicts.mode("SIReadLock")).isZero();
        assertThat(LockConflicts.conflictsOf(0)).isZero();
    }
}
