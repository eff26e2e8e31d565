package io.onevault.connectors.polling;

import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** One PostgreSQL of each version for all tests of this package, prepared as documented. */
final class Servers {

    static final String USER = "collector";
    static final String DATABASE = "shop";

    private static final Map<Integer, PostgresServer> RUNNING = new ConcurrentHashMap<>();

    private Servers() {}

    /**
     * A shared server, which the end of the process stops; tests that stop or reconfigure one start
     * their own.
     */
    static PostgresServer version(int version) {
        return RUNNING.computeIfAbsent(version, Servers::start);
    }

    /** A server with a database, some content, and a login that has {@code pg_monitor} only. */
    static PostgresServer start(int version) {
        PostgresServer server =
                PostgresServer.builder(version)
                        .setting("max_connections", "20")
                        .setting("max_prepared_transactions", "5")
                        .setting("track_io_timing", "on")
                        .start();
        prepare(server);
        return server;
    }

    private static void prepare(PostgresServer server) {
        server.createDatabase(DATABASE);
        server.execute(
                DATABASE,
                "CREATE ROLE " + USER + " LOGIN",
                "GRANT pg_monitor TO " + USER,
                "CREATE SCHEMA extensions",
                "CREATE EXTENSION pg_stat_statements SCHEMA extensions",
                "GRANT USAGE ON SCHEMA extensions TO " + USER,
                "CREATE ROLE acme_app LOGIN",
                "CREATE SCHEMA tenant_acme",
                "CREATE TABLE tenant_acme.orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                        + " customer text NOT NULL, total numeric)",
                "INSERT INTO tenant_acme.orders (customer, total)"
                        + " SELECT 'c' || g, g FROM generate_series(1, 20000) g",
                "DELETE FROM tenant_acme.orders WHERE id % 5 = 0",
                "CREATE INDEX by_customer ON tenant_acme.orders (customer, total DESC)",
                "CREATE INDEX by_customer_again ON tenant_acme.orders (customer, total DESC)",
                "CREATE INDEX expensive ON tenant_acme.orders (lower(customer)) WHERE total > 100",
                "GRANT SELECT ON ALL SEQUENCES IN SCHEMA tenant_acme TO " + USER,
                "SELECT pg_create_physical_replication_slot('standby_a', true)");
        // In a session of its own: one that still has counts to report would add them afterwards.
        server.execute(DATABASE, "VACUUM ANALYZE tenant_acme.orders");
    }

    static PollTarget.Builder target(String name, PostgresServer server) {
        return PollTarget.postgres(name, server.jdbcUrl(DATABASE), USER, Secret.NONE)
                .tenantOfRole("^(.*)_app$")
                .tenantOfSchema("^tenant_(.*)$");
    }
}
