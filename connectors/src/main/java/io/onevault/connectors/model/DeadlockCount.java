package io.onevault.connectors.model;

/**
 * How many deadlocks a server has counted in one database: {@code pg_stat_database.deadlocks}. A
 * session adds its own when it is idle outside of a transaction, up to ten seconds later.
 *
 * @param database its name
 * @param count since the counter began
 * @param sinceMicros when it began, server's clock, microseconds since the epoch; 0 when the server
 *     does not say. Another value means that it began anew, from zero.
 */
public record DeadlockCount(String database, long count, long sinceMicros) {}
