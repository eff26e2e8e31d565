package io.onevault.connectors.polling;

import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.ServerTarget;
import java.io.Serializable;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A server to be watched.
 *
 * @param name identifies it in every series; letters, digits, dot, underscore and hyphen
 * @param kind what answers there
 * @param url the JDBC URL with the database whose tables and statements are read; a further
 *     database of the same server is a further target. Empty for {@link Kind#HOST}.
 * @param user the login role; {@code pg_monitor} suffices
 * @param password never shown
 * @param hostMetrics whether the collector runs on the server's host and reads its CPU, memory and
 *     disks too
 * @param dataDirectory whose file system's space is watched with {@code hostMetrics}; empty to ask
 *     the server
 * @param tenantOfRole POSIX regular expression whose first group, matched against a role's name, is
 *     the tenant; empty when roles say nothing of tenants
 * @param tenantOfSchema the same for schema names
 * @param topN how many statements, users, applications and wait events are told apart in one run;
 *     the rest is left out, so that cardinality is bounded
 * @param topRelations how many tables and indexes are told apart in one run, largest first
 * @param excludedPolls names of polls that do not run here
 */
public record PollTarget(
        String name,
        Kind kind,
        String url,
        String user,
        Secret password,
        boolean hostMetrics,
        String dataDirectory,
        String tenantOfRole,
        String tenantOfSchema,
        int topN,
        int topRelations,
        Set<String> excludedPolls)
        implements Serializable {

    /** What answers at the target's address. */
    public enum Kind {
        POSTGRES,
        /** The admin console of PgBouncer, database {@code pgbouncer}. */
        PGBOUNCER,
        /** The machine the collector runs on, without a database. */
        HOST;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Checks what can be checked without connecting.
     *
     * @throws IllegalArgumentException one sentence with the remedy
     */
    public PollTarget {
        ServerTarget.requireName(name);
        if (kind == Kind.HOST) {
            ServerTarget.requireNoPassword(name, url);
        } else {
            ServerTarget.requireUrl(name, url);
        }
        if (excludedPolls.contains(Poll.TARGET)) {
            throw new IllegalArgumentException(
                    "target %s: the poll \"target\" cannot be excluded; the others rely on it"
                            .formatted(name));
        }
        if (topN < 1 || topRelations < 1) {
            throw new IllegalArgumentException(
                    "target %s: topN and topRelations must be at least 1".formatted(name));
        }
        excludedPolls = Set.copyOf(excludedPolls);
    }

    /** Starts a PostgreSQL target. */
    public static Builder postgres(String name, String url, String user, Secret password) {
        return new Builder(name, Kind.POSTGRES, url, user, password);
    }

    /** Starts a PgBouncer target; {@code user} is one of its {@code stats_users}. */
    public static Builder pgBouncer(String name, String url, String user, Secret password) {
        return new Builder(name, Kind.PGBOUNCER, url, user, password);
    }

    /** Starts a target for the machine the collector runs on. */
    public static Builder host(String name) {
        return new Builder(name, Kind.HOST, "", "", Secret.NONE).hostMetrics(true);
    }

    /** The same server for the sources that need no more than to log in. */
    public ServerTarget server() {
        return new ServerTarget(name, url, user, password);
    }

    /** Whether {@code poll} is meant for this target. */
    boolean takes(Poll poll) {
        if (excludedPolls.contains(poll.name())) {
            return false;
        }
        if (poll.name().equals(Poll.TARGET)) {
            return kind != Kind.HOST;
        }
        return switch (poll.source()) {
            case POSTGRES -> kind == Kind.POSTGRES;
            case PGBOUNCER -> kind == Kind.PGBOUNCER;
            case HOST -> hostMetrics;
        };
    }

    /** Collects what differs from the defaults. */
    public static final class Builder {
        private final String name;
        private final Kind kind;
        private final String url;
        private final String user;
        private final Secret password;
        private boolean hostMetrics;
        private String dataDirectory = "";
        private String tenantOfRole = "";
        private String tenantOfSchema = "";
        private int topN = 20;
        private int topRelations = 200;
        private Set<String> excludedPolls = Set.of();

        private Builder(String name, Kind kind, String url, String user, Secret password) {
            this.name = name;
            this.kind = kind;
            this.url = url;
            this.user = user;
            this.password = password;
        }

        /** Default: false. */
        public Builder hostMetrics(boolean enabled) {
            this.hostMetrics = enabled;
            return this;
        }

        /** Default: what the server says. */
        public Builder dataDirectory(@Nullable String path) {
            this.dataDirectory = path == null ? "" : path;
            return this;
        }

        /** Default: roles say nothing of tenants. */
        public Builder tenantOfRole(String pattern) {
            this.tenantOfRole = pattern;
            return this;
        }

        /** Default: schemas say nothing of tenants. */
        public Builder tenantOfSchema(String pattern) {
            this.tenantOfSchema = pattern;
            return this;
        }

        /** Default: 20. */
        public Builder topN(int count) {
            this.topN = count;
            return this;
        }

        /** Default: 200. */
        public Builder topRelations(int count) {
            this.topRelations = count;
            return this;
        }

        /** Default: none. */
        public Builder excludePolls(Set<String> names) {
            this.excludedPolls = names;
            return this;
        }

        public PollTarget build() {
            return new PollTarget(
                    name,
                    kind,
                    url,
                    user,
                    password,
                    hostMetrics,
                    dataDirectory,
                    tenantOfRole,
                    tenantOfSchema,
                    topN,
                    topRelations,
                    excludedPolls);
        }
    }
}
