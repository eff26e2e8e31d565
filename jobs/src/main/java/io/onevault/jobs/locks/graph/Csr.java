package io.onevault.jobs.locks.graph;

/** Lists of numbers grouped by an owner, in two arrays (compressed sparse rows). */
final class Csr {

    private Csr() {}

    /** By owner, where its members begin; one entry more at the end. */
    static int[] starts(int[] owner, int owners) {
        int[] start = new int[owners + 1];
        for (int o : owner) {
            start[o + 1]++;
        }
        for (int i = 0; i < owners; i++) {
            start[i + 1] += start[i];
        }
        return start;
    }

    /** The members of all owners in turn, each owner's ascending. */
    static int[] members(int[] owner, int[] start) {
        int[] next = start.clone();
        int[] members = new int[owner.length];
        for (int i = 0; i < owner.length; i++) {
            members[next[owner[i]]++] = i;
        }
        return members;
    }
}
