package io.onevault.benchmarks.cdc;

/**
 * A part of the log that readers read again and again.
 *
 * @param mark the slot that stands before it
 * @param savepoint of the change source there
 * @param changes how many rows are inserted, updated and deleted in it
 */
record Section(String mark, String savepoint, int changes) {}
