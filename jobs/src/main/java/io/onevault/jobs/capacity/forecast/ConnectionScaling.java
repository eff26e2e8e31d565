package io.onevault.jobs.capacity.forecast;

import io.onevault.forecasting.capacity.ConnectionAdvisor;
import io.onevault.forecasting.capacity.ConnectionAdvisor.Advice;
import io.onevault.forecasting.capacity.ConnectionSetup;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Brings what was measured of a server's connections, and what its operators say of its pools,
 * before the library's {@link ConnectionAdvisor}. Users are expected to grow as the connections of
 * the busiest time are foretold to, at the upper bound that nine futures of ten stay below.
 */
final class ConnectionScaling {

    /** What the present set-up is called among the options. */
    static final String AS_IT_IS = "as it is";

    private ConnectionScaling() {}

    /**
     * @param acts whether the present set-up is not enough
     * @param state of the set-up, in words with the figures
     * @param action what to do, with the state
     * @param options the present set-up and each way of growing it
     */
    record Scaling(boolean acts, String state, String action, List<ScalingOption> options) {}

    /**
     * @param open connections that ordinary roles may open
     * @param peak most connections seen in the last month
     * @param executing most that executed a statement, NaN when not measured for a whole day
     * @param expectedPeak upper bound of what the busiest time will bring
     */
    static Scaling of(
            ConnectionPlan plan, double open, double peak, double executing, double expectedPeak) {
        int busiest = Math.max(1, rounded(peak));
        double growth = Math.max(1, expectedPeak / busiest);
        int expected = rounded(Math.ceil(plan.users() * growth));
        ConnectionPlan.Pooler pooler = plan.pooler();
        Integer limit = plan.roleLimit();
        Advice advice =
                ConnectionAdvisor.advise(
                        new ConnectionSetup(
                                plan.pods(),
                                plan.poolSize(),
                                limit == null ? OptionalInt.empty() : OptionalInt.of(limit),
                                Math.max(1, rounded(open) + plan.reserved()),
                                plan.reserved(),
                                pooler == null
                                        ? null
                                        : new ConnectionSetup.PgBouncer(
                                                pooler.poolSize(), pooler.maxClients()),
                                plan.users(),
                                busiest,
                                Double.isNaN(executing) ? 0 : rounded(Math.ceil(executing))),
                        expected);
        List<ScalingOption> options = new ArrayList<>();
        options.add(
                new ScalingOption(
                        AS_IT_IS,
                        advice.usable(),
                        advice.users(),
                        advice.enough(),
                        "Leave it: "
                                + advice.usable()
                                + " connections, "
                                + advice.users()
                                + " users."));
        for (ConnectionAdvisor.Option o : advice.options()) {
            options.add(
                    new ScalingOption(o.name(), o.connections(), o.users(), o.enough(), o.words()));
        }
        return new Scaling(!advice.enough(), advice.state(), advice.action(), options);
    }

    private static int rounded(double value) {
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE / 4.0, Math.rint(value)));
    }
}
