package io.onevault.connectors.model;

import java.util.List;

/**
 * One look at a server's lock table and at the sessions in it.
 *
 * <p>The locks are of one instant but for the fast-path ones, which the server collects just
 * before; sessions and prepared transactions are read right after, in the same transaction. A
 * session that ended in between is missing. Predicate locks are left out, for they never block.
 *
 * @param target the configured name of the watched server, or its address
 * @param capturedAtMicros server's clock, microseconds since the epoch
 * @param serverVersion as the server writes it, e.g. {@code 18.6}
 * @param locks held and awaited
 * @param sessions those that stand in {@code locks}, or did so in one of the last looks, so that
 *     who let go is told from who is gone
 * @param prepared all there are
 * @param limits what could not be seen, one sentence each; empty when nothing was hidden
 */
public record LockSnapshot(
        String target,
        long capturedAtMicros,
        String serverVersion,
        List<LockRow> locks,
        List<SessionRow> sessions,
        List<PreparedRow> prepared,
        List<String> limits) {}
