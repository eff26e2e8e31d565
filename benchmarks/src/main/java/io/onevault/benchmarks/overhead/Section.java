package io.onevault.benchmarks.overhead;

/**
 * A part of a pgbench run in which the server is watched, or not.
 *
 * @param watched whether it is
 * @param fromMicros since the epoch
 * @param toMicros since the epoch, not included
 */
record Section(boolean watched, long fromMicros, long toMicros) {

    double seconds() {
        return (toMicros - fromMicros) / 1e6;
    }

    boolean holds(long micros) {
        return fromMicros <= micros && micros < toMicros;
    }
}
