package io.onevault.demo.workload;

import io.onevault.demo.workload.Ledger.Event;
import java.util.SplittableRandom;

/**
 * The reporting tool: few, heavy statements. Some sort more than their memory holds and spill into
 * temporary files, some run for more than a second, and some are cut off by their own timeout.
 */
final class ReportsClient extends Client {

    ReportsClient(int index, int count, Settings settings, Ledger ledger, StopSignal stop) {
        super("reports", index, count, WorkloadSchema.REPORTS_ROLE, settings, ledger, stop);
    }

    @Override
    void step(long step, SplittableRandom random) {
        if (rarely(step, 0, random, 0.5)) {
            sortOnDisk();
        } else if (rarely(step, 1, random, 0.2)) {
            slowStatement(1.1 + random.nextDouble());
        } else if (rarely(step, 2, random, 0.1)) {
            runIntoTimeout();
        } else {
            session()
                    .transact(
                            s ->
                                    s.execute(
                                            """
                                            SELECT t.tenant_bk, count(*)
                                            FROM business.asset_h h
                                            JOIN auth.tenant_h t ON t.tenant_hk = h.tenant_hk
                                            GROUP BY t.tenant_bk
                                            """));
        }
    }

    private void sortOnDisk() {
        boolean done =
                session()
                        .transact(
                                s -> {
                                    s.execute("SET LOCAL work_mem = '64kB'");
                                    s.execute(
                                            """
                                            SELECT count(DISTINCT d.description || copies.n)
                                            FROM business.transaction_details_s d
                                            CROSS JOIN generate_series(1, 5) AS copies (n)
                                            """);
                                });
        if (done) {
            session().ledger().count(Event.TEMP_FILE_STATEMENT);
        }
    }

    private void slowStatement(double seconds) {
        boolean done =
                session()
                        .transact(
                                s ->
                                        s.execute(
                                                """
                                                WITH computed AS MATERIALIZED (SELECT pg_sleep(?))
                                                SELECT count(*) FROM business.customer_h, computed
                                                """,
                                                seconds));
        if (done) {
            session().ledger().count(Event.SLOW_STATEMENT);
        }
    }

    private void runIntoTimeout() {
        session()
                .transact(
                        s -> {
                            s.execute("SET LOCAL statement_timeout = '500ms'");
                            s.execute("SELECT pg_sleep(5)");
                        });
    }
}
