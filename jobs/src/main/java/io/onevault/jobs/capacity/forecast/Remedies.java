package io.onevault.jobs.capacity.forecast;

import io.onevault.forecasting.capacity.CapacityAdvice.Remedy;

/** What helps a resource that runs out, by its type. */
final class Remedies {

    private static final Remedy TRANSACTION_IDS =
            new Remedy(
                    "Run VACUUM (FREEZE) on the oldest tables now, before the server refuses to"
                            + " write, and end what holds them up: old transactions, prepared"
                            + " ones, replication slots",
                    "Run VACUUM (FREEZE) on the oldest tables and look what holds autovacuum up",
                    "Watch that autovacuum freezes the oldest tables",
                    false);

    private static final Remedy NUMBERS =
            new Remedy(
                    "Widen the column and its sequence to bigint now, or raise its MAXVALUE",
                    "Widen the column and its sequence to bigint, or raise its MAXVALUE",
                    "Plan to widen the column and its sequence to bigint",
                    false);

    private static final Remedy CONNECTIONS =
            new Remedy(
                    "Close sessions that idle, or raise max_connections, now",
                    "Put a pooler in transaction mode in between, or raise max_connections (needs a"
                            + " restart)",
                    "Plan for more connections",
                    true);

    private static final Remedy POOLED_CONNECTIONS =
            new Remedy(
                    "Close sessions that idle, or raise max_connections, now",
                    "Look what connects past the pooler, or raise max_connections (needs a"
                            + " restart)",
                    "Plan for more connections",
                    true);

    private static final Remedy KEPT_WAL =
            new Remedy(
                    "Let the slot's consumer catch up, or drop the slot, now",
                    "Look why the slot's consumer falls behind",
                    "Look whether the slot's consumer keeps up",
                    false);

    private static final Remedy LOAD =
            new Remedy(
                    "Take load off this server now",
                    "Take load off this server, or give it more",
                    "Plan for a larger server, or for less load",
                    false);

    private Remedies() {}

    /**
     * @param pooled whether a pooler is in front of the connections already
     */
    static Remedy of(String resourceType, boolean pooled) {
        return switch (resourceType) {
            case "TRANSACTION_ID", "MULTIXACT" -> TRANSACTION_IDS;
            case "SEQUENCE" -> NUMBERS;
            case "CONNECTIONS" -> pooled ? POOLED_CONNECTIONS : CONNECTIONS;
            case "REPLICATION" -> KEPT_WAL;
            case "CPU", "MEMORY", "IO" -> LOAD;
            default -> Remedy.CAPACITY;
        };
    }
}
