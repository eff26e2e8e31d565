package io.onevault.connectors.locks;

import io.onevault.connectors.target.SqlResource;

/** The statements of this package, from its resources and without their comments. */
final class LockQueries {

    static final String SNAPSHOT = SqlResource.read(LockQueries.class, "snapshot");
    static final String RELATION_NAMES = SqlResource.read(LockQueries.class, "relation_names");
    static final String SAMPLER_PROBE = SqlResource.read(LockQueries.class, "sampler_probe");
    static final String SAMPLER_PROBE_UNPRIVILEGED =
            SqlResource.read(LockQueries.class, "sampler_probe_unprivileged");
    static final String SAMPLER_DANGER = SqlResource.read(LockQueries.class, "sampler_danger");

    static final String DEADLOCK_COUNTS = SqlResource.read(LockQueries.class, "deadlock_counts");
    static final String SIGNAL = SqlResource.read(LockQueries.class, "signal");
    static final String SIGNAL_VAULT_ROLES =
            SqlResource.read(LockQueries.class, "signal_vault_roles");
    static final String SIGNAL_STATEMENT = SqlResource.read(LockQueries.class, "signal_statement");
    static final String SIGNAL_AUTH_TABLES =
            SqlResource.read(LockQueries.class, "signal_auth_tables");

    private LockQueries() {}
}
