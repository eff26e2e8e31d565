package io.onevault.jobs.locks.graph;

import io.onevault.connectors.model.LockRow;
import java.util.Arrays;

/**
 * Numbers what is locked, in the order of first mention: an open-addressing hash table over rows
 * whose lock tags are equal.
 */
final class LockTags {

    private static final int NONE = -1;

    private final int[] slots;
    private final LockRow[] first;
    private int size;

    /**
     * @param expected how many tags there may be at most
     */
    LockTags(int expected) {
        int capacity = Math.max(16, Integer.highestOneBit(Math.max(1, expected)) << 2);
        slots = new int[capacity];
        Arrays.fill(slots, NONE);
        first = new LockRow[expected];
    }

    int size() {
        return size;
    }

    /** The number of the row's tag, a new one when it is new. */
    int add(LockRow row) {
        int slot = slot(row);
        if (slots[slot] == NONE) {
            first[size] = row;
            slots[slot] = size++;
        }
        return slots[slot];
    }

    /** The number of a tag that was added; -1 for others. */
    int find(LockRow row) {
        return slots[slot(row)];
    }

    private int slot(LockRow row) {
        int mask = slots.length - 1;
        int slot = hash(row) & mask;
        while (slots[slot] != NONE && !isSame(first[slots[slot]], row)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private static int hash(LockRow row) {
        long hash = row.type().hashCode();
        hash = hash * 31 + row.database();
        hash = hash * 31 + row.relation();
        hash = hash * 31 + (row.page() << 16 | row.tuple());
        hash = hash * 31 + row.transactionId();
        hash = hash * 31 + row.virtualXid().hashCode();
        hash = hash * 31 + row.classId();
        hash = hash * 31 + row.objectId();
        hash = (hash * 31 + row.objectSubId()) * 0x9E3779B97F4A7C15L;
        return (int) (hash >>> 32);
    }

    private static boolean isSame(LockRow one, LockRow other) {
        return one.transactionId() == other.transactionId()
                && one.relation() == other.relation()
                && one.page() == other.page()
                && one.tuple() == other.tuple()
                && one.objectId() == other.objectId()
                && one.classId() == other.classId()
                && one.objectSubId() == other.objectSubId()
                && one.database() == other.database()
                && one.type().equals(other.type())
                && one.virtualXid().equals(other.virtualXid());
    }
}
