package io.onevault.jobs.config;

import io.onevault.jobs.capacity.forecast.ConnectionPlan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads how applications reach the watched servers. */
final class ConnectionsReader {

    private static final int MOST = 1_000_000;
    private static final int MOST_USERS = 100_000_000;

    private ConnectionsReader() {}

    /**
     * @param targets names of the watched servers
     * @return by the server's name
     */
    static Map<String, ConnectionPlan> read(Section forecast, Set<String> targets) {
        Map<String, ConnectionPlan> plans = new HashMap<>();
        List<Section> groups = forecast.sections("connections");
        for (Section group : groups == null ? List.<Section>of() : groups) {
            group.require("target", "name one of targets");
            String target = group.text("target", "");
            if (!target.isEmpty() && !targets.contains(target)) {
                group.problem("target", "is no target", "write the name of one of targets");
            } else if (plans.containsKey(target)) {
                group.problem("target", "has a group already", "write one group for a target");
            }
            for (String key : List.of("pods", "pool_size", "users")) {
                group.require(key, "write how many there are");
            }
            plans.put(target, plan(group));
        }
        return plans;
    }

    private static ConnectionPlan plan(Section group) {
        boolean pooled = group.has("pgbouncer");
        Section pgbouncer = group.section("pgbouncer");
        if (pooled) {
            pgbouncer.require("pool_size", "write how many server connections it may open");
            pgbouncer.require("max_clients", "write how many clients it accepts");
        }
        int pods = group.number("pods", 1, 1, MOST);
        int poolSize = group.number("pool_size", 1, 1, MOST / 100);
        if ((long) pods * poolSize > MOST) {
            group.problem(
                    "pool_size",
                    "makes " + (long) pods * poolSize + " connections of all pods together",
                    "let pods times pool_size be at most " + MOST);
        }
        ConnectionPlan plan =
                new ConnectionPlan(
                        pods,
                        poolSize,
                        group.number("users", 1, 1, MOST_USERS),
                        group.number("role_limit", 1, MOST),
                        group.number("reserved", ConnectionPlan.USUALLY_RESERVED, 0, MOST),
                        pooled
                                ? new ConnectionPlan.Pooler(
                                        pgbouncer.number("pool_size", 1, 1, MOST),
                                        pgbouncer.number("max_clients", 1, 1, MOST))
                                : null);
        pgbouncer.done();
        group.done();
        return plan;
    }
}
