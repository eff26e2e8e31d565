package io.onevault.sql;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Says in one sentence what stands in the way of a deployment and how to remove it.
 *
 * <p>Texts of the driver are not passed on, because they may quote the URL with its parameters;
 * those of the server are. SQLSTATE codes: PostgreSQL's appendix A.
 */
final class DeployProblems {

    private DeployProblems() {}

    /** Why no connection was made as {@code user} to {@code address}. */
    static DeployException connecting(SQLException failure, String address, String user) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        return new DeployException(
                switch (state) {
                    case "28P01" ->
                            "the password of user %s was refused by %s: correct the configured password"
                                    .formatted(user, address);
                    case "28000" ->
                            "%s does not let user %s in: create the role with LOGIN or add it to pg_hba.conf"
                                    .formatted(address, user);
                    case "3D000" ->
                            "the database of %s does not exist: create it with CREATE DATABASE"
                                    .formatted(address);
                    case "53300" ->
                            "%s has no free connection: raise max_connections or end idle sessions"
                                    .formatted(address);
                    case "57P03" ->
                            "%s is starting up or shutting down: try again when it accepts connections"
                                    .formatted(address);
                    case "42501" ->
                            "user %s may not connect to %s: run GRANT CONNECT ON DATABASE … TO %s"
                                    .formatted(user, address, quote(user));
                    case "08001", "08006", "08004" ->
                            ("%s cannot be reached: check host, port, TLS settings and that the"
                                            + " server runs")
                                    .formatted(address);
                    default ->
                            "%s refused the connection of user %s (SQLSTATE %s): see the server's log"
                                    .formatted(address, user, state);
                });
    }

    /** Why the connected server, or the user there, cannot hold a vault; null when it can. */
    static @Nullable String unsuitable(ServerFacts server, String address, String user) {
        if (server.versionNumber() < VaultDeployer.OLDEST_SERVER_VERSION) {
            return "%s runs PostgreSQL %s: the vault needs version 14 or newer, upgrade the server"
                    .formatted(address, server.version());
        }
        if (server.standby()) {
            return "%s is a read-only standby: deploy to its primary".formatted(address);
        }
        if (!server.encoding().equals("UTF8")) {
            return "the database of %s is encoded in %s: create it with ENCODING 'UTF8'"
                    .formatted(address, server.encoding());
        }
        if (!server.mayCreateSchemas()) {
            return "user %s may not create schemas: run GRANT CREATE ON DATABASE %s TO %s"
                    .formatted(user, quote(server.database()), quote(user));
        }
        if (!server.rolesExist() && !server.mayCreateRoles()) {
            return ("user %s may not create the roles onevault_collector, onevault_writer,"
                            + " onevault_reader and onevault_admin: create them as superuser or run"
                            + " ALTER ROLE %s CREATEROLE")
                    .formatted(user, quote(user));
        }
        return null;
    }

    /** Why a statement of the deployment failed; everything it did was rolled back. */
    static DeployException deploying(SQLException failure, String address) {
        ServerErrorMessage server =
                failure instanceof PSQLException psql ? psql.getServerErrorMessage() : null;
        if (server == null) {
            return new DeployException(
                    "the connection to %s was lost while deploying: run deploy again"
                            .formatted(address));
        }
        String what = String.valueOf(server.getMessage()).replaceAll("\\s+", " ");
        String state = String.valueOf(server.getSQLState());
        String remedy =
                switch (state) {
                    case "42501" -> "deploy as the role that owns the vault's schemas";
                    case "42P07", "42723" ->
                            "deploy into a database where the vault's schemas hold nothing of that"
                                    + " name";
                    case "55P03" ->
                            "another deployment or a long transaction is in the way, try again";
                    case "53100" -> "free disk space on the server";
                    default -> "see the server's log";
                };
        return new DeployException(
                "the vault on %s was not deployed: %s (SQLSTATE %s); remedy: %s"
                        .formatted(
                                address,
                                what,
                                state,
                                server.getHint() == null ? remedy : server.getHint()));
    }

    private static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /**
     * What the deployer asks a server before it touches anything.
     *
     * @param database the connected database
     * @param version as the server calls itself
     * @param versionNumber {@code server_version_num}
     * @param standby whether it is in recovery
     * @param encoding the database's encoding
     * @param mayCreateSchemas whether the user has CREATE on the database
     * @param mayCreateRoles whether the user is superuser or has CREATEROLE
     * @param rolesExist whether all group roles of the vault exist
     */
    record ServerFacts(
            String database,
            String version,
            int versionNumber,
            boolean standby,
            String encoding,
            boolean mayCreateSchemas,
            boolean mayCreateRoles,
            boolean rolesExist) {}
}
