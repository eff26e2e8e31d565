package io.onevault.jobs.objects;

import java.util.List;

/**
 * How one list of facts differs from the one before it. The first list of a poll is none.
 *
 * @param target the configured name of the watched server
 * @param poll what listed them
 * @param timestamp of the list, the watched server's clock, milliseconds since the epoch
 * @param changes at least one, in the list's order, what is gone last
 */
public record ListChange(String target, String poll, long timestamp, List<FactChange> changes) {}
