package io.onevault.forecasting.capacity;

import io.onevault.forecasting.capacity.ConnectionSetup.PgBouncer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How many users a connection set-up holds, what limits it, and what each way of growing it would
 * hold. With a pooler in front the connections measured are the pooler's own.
 *
 * <p>Users per connection are taken from the busiest time measured: a pooled connection serves as
 * many users as it did then, a pooler in transaction mode as many as there were per
 * <em>executing</em> connection. Where it is not known what executed, no pooler is proposed, and
 * one that is there counts by its open connections. Without any measurements one user per
 * connection is assumed. Unit: connections and users.
 */
public final class ConnectionAdvisor {

    /** Use at most this share of any limit; the rest is for deployments that overlap. */
    private static final double SAFE_SHARE = 0.9;

    /**
     * A backend beyond a few hundred costs more than it brings; raising further is not proposed.
     */
    private static final int MOST_BACKENDS = 500;

    /** What stops the set-up from growing first. */
    public enum Limit {
        POOLS,
        ROLE_LIMIT,
        CLUSTER_LIMIT,
        PGBOUNCER
    }

    /**
     * One way to go on.
     *
     * @param connections server connections it may use
     * @param users users it holds
     * @param enough whether that covers the users expected
     * @param words what to change, with the figures
     */
    public record Option(String name, int connections, int users, boolean enough, String words) {}

    /**
     * The present state and the options.
     *
     * @param demand connections all pods may open together
     * @param usable server connections that may really be used
     * @param limit what stops it first
     * @param users users the present set-up holds
     * @param options ways to grow, the one with the least change first
     * @param enough whether that covers the users expected
     * @param state pods, pools, limits and users in a sentence
     * @param action the first option that is enough, in words, with the state
     */
    public record Advice(
            int demand,
            int usable,
            Limit limit,
            int users,
            List<Option> options,
            boolean enough,
            String state,
            String action) {
        public Advice {
            options = List.copyOf(options);
        }
    }

    private ConnectionAdvisor() {}

    /**
     * @param expectedUsers users to hold, from a forecast for example
     */
    public static Advice advise(ConnectionSetup setup, int expectedUsers) {
        int demand = Math.multiplyExact(setup.pods(), setup.poolSizePerPod());
        int server = serverLimit(setup);
        PgBouncer pooler = setup.pgBouncer();
        int usable = Math.min(demand, server);
        Limit limit = demand <= server ? Limit.POOLS : limitOf(setup);
        int users = users(setup, usable);
        if (pooler != null) {
            usable = Math.min(Math.min(pooler.poolSize(), server), clients(setup, pooler));
            limit = pooledLimit(setup, pooler, demand, server);
            users = pooledUsers(setup, usable);
        }
        List<Option> options =
                pooler == null
                        ? options(setup, expectedUsers, server)
                        : pooledOptions(setup, pooler, expectedUsers, server, usable);
        String state =
                String.format(
                        Locale.ROOT,
                        "%d pods x %d connections = %d against %d usable (%s): holds %d users, %d"
                                + " expected.",
                        setup.pods(),
                        setup.poolSizePerPod(),
                        demand,
                        server,
                        limit.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        users,
                        expectedUsers);
        return new Advice(
                demand,
                usable,
                limit,
                users,
                options,
                users >= expectedUsers,
                state,
                action(users, expectedUsers, options, state));
    }

    private static String action(int users, int expected, List<Option> options, String state) {
        if (users >= expected) {
            return "Nothing to do. " + state;
        }
        for (Option option : options) {
            if (option.enough()) {
                return option.words() + " " + state;
            }
        }
        if (options.isEmpty()) {
            return "No change is known that helps. " + state;
        }
        Option most = options.get(options.size() - 1);
        return "No single change is enough; the largest step: " + most.words() + " " + state;
    }

    private static int serverLimit(ConnectionSetup setup) {
        int cluster = Math.max(0, setup.clusterLimit() - setup.reserved());
        return (int) (SAFE_SHARE * Math.min(setup.roleLimit().orElse(cluster), cluster));
    }

    private static Limit limitOf(ConnectionSetup setup) {
        int cluster = Math.max(0, setup.clusterLimit() - setup.reserved());
        return setup.roleLimit().orElse(Integer.MAX_VALUE) < cluster
                ? Limit.ROLE_LIMIT
                : Limit.CLUSTER_LIMIT;
    }

    private static List<Option> options(ConnectionSetup setup, int expected, int server) {
        List<Option> options = new ArrayList<>();
        int pool = Math.max(1, server / setup.pods());
        if (pool > setup.poolSizePerPod()) {
            options.add(
                    option(
                            "larger pools",
                            pool * setup.pods(),
                            users(setup, pool * setup.pods()),
                            expected,
                            "Raise the pool size per pod from "
                                    + setup.poolSizePerPod()
                                    + " to "
                                    + pool));
        }
        int pods = server / setup.poolSizePerPod();
        if (pods > setup.pods()) {
            int connections = pods * setup.poolSizePerPod();
            options.add(
                    option(
                            "more pods",
                            connections,
                            users(setup, connections),
                            expected,
                            "Run " + pods + " pods instead of " + setup.pods()));
        }
        int cluster = (int) (SAFE_SHARE * Math.max(0, setup.clusterLimit() - setup.reserved()));
        if (setup.roleLimit().isPresent() && cluster > server) {
            options.add(
                    option(
                            "higher role limit",
                            cluster,
                            users(setup, cluster),
                            expected,
                            "Raise the role's limit from "
                                    + setup.roleLimit().getAsInt()
                                    + " to "
                                    + (setup.clusterLimit() - setup.reserved())
                                    + " and the pools with it"));
        }
        int raised = Math.min(MOST_BACKENDS, 2 * setup.clusterLimit());
        if (raised > setup.clusterLimit()) {
            int connections = (int) (SAFE_SHARE * (raised - setup.reserved()));
            options.add(
                    option(
                            "higher cluster limit",
                            connections,
                            users(setup, connections),
                            expected,
                            "Raise max_connections from "
                                    + setup.clusterLimit()
                                    + " to "
                                    + raised
                                    + " (needs a restart)"));
        }
        if (setup.peakActive() < 1) {
            return options;
        }
        int clients = Math.max(expected, setup.pods() * setup.poolSizePerPod());
        options.add(
                option(
                        "pgbouncer",
                        server,
                        Math.min(pooledUsers(setup, server), users(setup, clients)),
                        expected,
                        "Put PgBouncer in transaction mode in between, with "
                                + server
                                + " server and "
                                + clients
                                + " client connections"));
        return options;
    }

    /**
     * Ways to go on with a pooler in front: what the server sees are the pooler's connections, so
     * larger pools and more pods help no further than its pool.
     */
    private static List<Option> pooledOptions(
            ConnectionSetup setup, PgBouncer pooler, int expected, int server, int usable) {
        List<Option> options = new ArrayList<>();
        int clients = clients(setup, pooler);
        int most = Math.min(Math.min(pooler.poolSize(), server), pooler.maxClients());
        int pool = Math.max(1, most / setup.pods());
        addPooled(
                options,
                setup,
                "larger pools",
                pool * setup.pods(),
                usable,
                expected,
                "Raise the pool size per pod from " + setup.poolSizePerPod() + " to " + pool);
        int pods = most / setup.poolSizePerPod();
        addPooled(
                options,
                setup,
                "more pods",
                pods * setup.poolSizePerPod(),
                usable,
                expected,
                "Run " + pods + " pods instead of " + setup.pods());
        addPooled(
                options,
                setup,
                "larger pgbouncer pool",
                Math.min(server, clients),
                usable,
                expected,
                "Raise PgBouncer's pool size from "
                        + pooler.poolSize()
                        + " to "
                        + Math.min(server, clients));
        int demand = setup.pods() * setup.poolSizePerPod();
        addPooled(
                options,
                setup,
                "more pgbouncer clients",
                Math.min(Math.min(pooler.poolSize(), server), demand),
                usable,
                expected,
                "Raise PgBouncer's client connections from "
                        + pooler.maxClients()
                        + " to "
                        + demand);
        int free = Math.max(0, setup.clusterLimit() - setup.reserved());
        int cluster = (int) (SAFE_SHARE * free);
        if (setup.roleLimit().isPresent() && cluster > server) {
            addPooled(
                    options,
                    setup,
                    "higher role limit",
                    Math.min(cluster, clients),
                    usable,
                    expected,
                    "Raise the role's limit from "
                            + setup.roleLimit().getAsInt()
                            + " to "
                            + free
                            + pooled(pooler, Math.min(cluster, clients)));
        }
        int raised = Math.min(MOST_BACKENDS, 2 * setup.clusterLimit());
        int allowed = setup.roleLimit().orElse(Integer.MAX_VALUE);
        int more = (int) (SAFE_SHARE * Math.min(allowed, Math.max(0, raised - setup.reserved())));
        if (raised > setup.clusterLimit()) {
            addPooled(
                    options,
                    setup,
                    "higher cluster limit",
                    Math.min(more, clients),
                    usable,
                    expected,
                    "Raise max_connections from "
                            + setup.clusterLimit()
                            + " to "
                            + raised
                            + " (needs a restart)"
                            + pooled(pooler, Math.min(more, clients)));
        }
        return options;
    }

    /** What PgBouncer must be given as well. */
    private static String pooled(PgBouncer pooler, int connections) {
        return connections > pooler.poolSize()
                ? " and PgBouncer's pool size from " + pooler.poolSize() + " to " + connections
                : "";
    }

    /** An option, unless it is none because no more connections could be used. */
    private static void addPooled(
            List<Option> options,
            ConnectionSetup setup,
            String name,
            int connections,
            int usable,
            int expected,
            String words) {
        if (connections > usable) {
            options.add(
                    option(name, connections, pooledUsers(setup, connections), expected, words));
        }
    }

    /** Client connections there can be. */
    private static int clients(ConnectionSetup setup, PgBouncer pooler) {
        return Math.min(pooler.maxClients(), setup.pods() * setup.poolSizePerPod());
    }

    private static Limit pooledLimit(
            ConnectionSetup setup, PgBouncer pooler, int demand, int server) {
        int behind = Math.min(pooler.poolSize(), server);
        if (demand < behind && demand <= pooler.maxClients()) {
            return Limit.POOLS;
        }
        return pooler.poolSize() <= server || pooler.maxClients() < behind
                ? Limit.PGBOUNCER
                : limitOf(setup);
    }

    private static Option option(
            String name, int connections, int users, int expected, String words) {
        return new Option(
                name,
                connections,
                users,
                users >= expected,
                words + ": " + connections + " connections, " + users + " users.");
    }

    private static int users(ConnectionSetup setup, int connections) {
        return scaled(connections, setup.users(), setup.peakConnections());
    }

    private static int pooledUsers(ConnectionSetup setup, int server) {
        int measured = setup.peakActive() < 1 ? setup.peakConnections() : setup.peakActive();
        return scaled(server, setup.users(), measured);
    }

    private static int scaled(int connections, int users, int measured) {
        if (users < 1 || measured < 1) {
            return connections;
        }
        double result = Math.floor((double) connections * users / measured);
        return (int) Math.min(Integer.MAX_VALUE, result);
    }
}
