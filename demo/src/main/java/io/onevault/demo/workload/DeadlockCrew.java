package io.onevault.demo.workload;

import io.onevault.demo.workload.Ledger.Event;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;

/**
 * Produces real deadlocks: every party locks a row of its own, and only when all have done so each
 * asks for its neighbour's. The cycle cannot fail to close, and the server ends exactly one of the
 * parties.
 */
final class DeadlockCrew extends Crew {

    private static final int TWO = 2;
    private static final int THREE = 3;

    private static final String LOCK_INCIDENT =
            "UPDATE servicedesk.incidents SET updated_at = clock_timestamp() WHERE id = ?";
    private static final String LOCK_TRANSACTION =
            """
            SELECT amount FROM business.transaction_details_s
            WHERE transaction_hk = ? AND load_end_date IS NULL FOR UPDATE
            """;

    DeadlockCrew(Settings settings, Ledger ledger, StopSignal stop, ExecutorService threads) {
        super(
                "settlement",
                settings.deadlocksPerMinute(),
                List.of(
                        Tenant.ALL.get(0).role(),
                        Tenant.ALL.get(1).role(),
                        WorkloadSchema.SERVICE_DESK_ROLE),
                settings,
                ledger,
                stop,
                threads);
    }

    @Override
    void round(long number, SplittableRandom random) {
        // The first two rounds show both sizes, whatever the seed.
        boolean three = number < 2 ? number == 1 : random.nextInt(10) < 3;
        boolean incidents = random.nextBoolean();
        int firstRow = random.nextInt(TenantClient.RESERVED - THREE);
        List<Session> parties = members().subList(0, three ? THREE : TWO);

        boolean allHold = together(parties, (session, i) -> lock(session, incidents, firstRow + i));
        if (!allHold) {
            return;
        }
        boolean nobodyLost =
                together(
                        parties,
                        (session, i) ->
                                lock(session, incidents, firstRow + (i + 1) % parties.size())
                                        && session.commit());
        if (!nobodyLost
                && three
                && parties.stream().anyMatch(s -> s.failedWith(SqlStates.DEADLOCK))) {
            parties.get(0).ledger().count(Event.DEADLOCK_OF_THREE);
        }
    }

    private static boolean lock(Session session, boolean incidents, int row) {
        return session.run(
                s -> {
                    if (incidents) {
                        s.execute(LOCK_INCIDENT, 1L + row);
                    } else {
                        s.execute(LOCK_TRANSACTION, Tenant.ALL.get(0).transactionKey(row));
                    }
                });
    }
}
