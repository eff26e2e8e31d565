package io.onevault.demo.workload;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Creates what the workload works on: schemas {@code business}, {@code servicedesk} and, where
 * absent, {@code auth}, the login roles, and a population that depends on the seed alone.
 */
public final class WorkloadSchema {

    /** Group of the tenants' login roles. */
    static final String TENANT_GROUP = "onevault_tenants";

    static final String AUTH_ROLE = "app_auth";
    static final String SERVICE_DESK_ROLE = "app_servicedesk";
    static final String REPORTS_ROLE = "app_reports";
    static final String MIGRATIONS_ROLE = "app_migrations";

    private WorkloadSchema() {}

    /** The login roles, tenants first, then the platform's own applications. */
    public static List<String> roles() {
        List<String> roles = new ArrayList<>();
        for (Tenant tenant : Tenant.ALL) {
            roles.add(tenant.role());
        }
        roles.addAll(List.of(AUTH_ROLE, SERVICE_DESK_ROLE, REPORTS_ROLE, MIGRATIONS_ROLE));
        return List.copyOf(roles);
    }

    /**
     * Creates and fills everything in one transaction; a failure leaves nothing behind.
     *
     * @param connection of a role that may create schemas and roles; its auto-commit mode is kept
     * @param seed of the population and the roles' passwords
     * @throws SQLException when the schemas exist already or a privilege is missing
     */
    public static void create(Connection connection, long seed) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            createRoles(statement, seed);
            statement.execute(resource("business.sql"));
            statement.execute(resource("servicedesk.sql"));
            statement.execute(resource("auth.sql"));
            plan(connection, seed);
            statement.execute(resource("populate.sql"));
            statement.execute(resource("privileges.sql"));
            connection.commit();
            // Without statistics the first minutes would be full of plans nobody has in production.
            statement.execute("ANALYZE");
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(autoCommit);
        }
    }

    private static void createRoles(Statement statement, long seed) throws SQLException {
        createRole(statement, TENANT_GROUP, "NOLOGIN");
        for (String role : roles()) {
            createRole(statement, role, "LOGIN PASSWORD '" + Seeds.password(seed, role) + "'");
        }
        for (Tenant tenant : Tenant.ALL) {
            statement.execute("GRANT " + TENANT_GROUP + " TO " + tenant.role());
        }
    }

    /** Roles belong to the whole server, so another database's workload may have made them. */
    private static void createRole(Statement statement, String role, String options)
            throws SQLException {
        statement.execute(
                """
                DO $$
                BEGIN
                    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%1$s') THEN
                        CREATE ROLE %1$s;
                    END IF;
                    ALTER ROLE %1$s %2$s;
                END
                $$
                """
                        .formatted(role, options));
    }

    private static void plan(Connection connection, long seed) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL workload.seed = '" + seed + "'");
            statement.execute(
                    "CREATE TEMPORARY TABLE tenant_plan (tenant_bk TEXT, assets INTEGER, users"
                            + " INTEGER) ON COMMIT DROP");
        }
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO tenant_plan VALUES (?, ?, ?)")) {
            for (Tenant tenant : Tenant.ALL) {
                insert.setString(1, tenant.name());
                insert.setInt(2, tenant.assets());
                insert.setInt(3, tenant.users());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static String resource(String name) {
        try (InputStream stream = WorkloadSchema.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("the resource " + name + " is missing");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
