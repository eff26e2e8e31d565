package io.onevault.jobs.config;

import io.onevault.connectors.cdc.ChangeCapture;
import io.onevault.connectors.locks.LockSamplerOptions;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.routing.AlertRouting;
import io.onevault.jobs.capacity.TenantGrowthSettings;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.locks.impact.AssessmentSettings;
import io.onevault.jobs.locks.impact.TenantPatterns;
import io.onevault.jobs.locks.resolution.ResolutionSettings;
import io.onevault.jobs.metrics.WindowSettings;
import io.onevault.jobs.vault.Pseudonyms;
import io.onevault.sql.RuleProfile;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.jspecify.annotations.Nullable;

/**
 * Everything a deployment says about itself, from one YAML file.
 *
 * <p>Keys are the components' names in snake_case, nested as the records are; a commented example
 * is {@code flink-conf/onevault.example.yaml}. Durations are a whole number with a unit: {@code
 * 500ms}, {@code 10s}, {@code 5m}, {@code 2h}, {@code 1d}. Any value may hold <code>${NAME}</code>,
 * an environment variable, and <code>${file:/path}</code>, a file's content without its trailing
 * newline; <code>$${</code> stands for <code>${</code> itself.
 *
 * <p>Immutable, and serialisable to travel with a job. No {@code toString} shows a secret.
 *
 * @param vault where findings are kept; mandatory
 * @param targets the servers to be watched; at least one
 * @param polling what is asked of them and how often
 * @param windows key {@code windows: {size, lateness, absent_after, expiry}}; see {@link
 *     WindowSettings} for meaning and defaults
 * @param growth key {@code growth: {period, tenant_column, owner_columns, expiry}}; see {@link
 *     TenantGrowthSettings} for meaning and defaults
 * @param forecast key {@code forecast: {period, refit, spread, history_days, expiry,
 *     warning_percentage, critical_percentage, load_history, connections: [{target, pods,
 *     pool_size, users, role_limit, reserved, pgbouncer: {pool_size, max_clients}}]}}; see {@link
 *     ForecastSettings} for meaning and defaults
 * @param locks how locks are judged and, where that is switched on, resolved
 * @param alerts key {@code alerts: {stale_after, flap_window, flap_count, flap_hold, forget_after,
 *     zone, business_hours: {from, until, days}, profile, together, channels, default, group_wait,
 *     group_interval, link}}; see {@link LifecycleSettings} and {@link AlertRouting} for meaning
 *     and defaults
 * @param job how the Flink job runs
 */
public record OneVaultConfig(
        Vault vault,
        List<Target> targets,
        Polling polling,
        WindowSettings windows,
        TenantGrowthSettings growth,
        ForecastSettings forecast,
        Locks locks,
        Alerts alerts,
        Job job)
        implements Serializable {

    public OneVaultConfig {
        targets = List.copyOf(targets);
    }

    /**
     * Reads {@code file} with this process's environment.
     *
     * @throws ConfigException with every problem there is, also when the file cannot be read
     */
    public static OneVaultConfig read(Path file) throws ConfigException {
        return new ConfigReader(System::getenv).read(file);
    }

    /**
     * The vault, a PostgreSQL database.
     *
     * @param url {@code jdbc:postgresql://host:port/database} without user or password; mandatory
     * @param user login role of the jobs, a member of {@code onevault_writer}; mandatory
     * @param password of the user; absent when the server needs none
     * @param adminUser login role that {@code deploy} migrates with, owner of the database; default
     *     {@code user}
     * @param adminPassword of the admin user; default {@code password} when there is no {@code
     *     admin_user}, else none
     * @param batchRows rows in one transaction at most, 1 to 100,000; default 5,000
     * @param linger how long a row waits for company, 1 ms to 1 min; default 200 ms
     * @param capacityRows rows held while the vault is away, at least {@code batch_rows}, at most
     *     10,000,000; default 200,000
     * @param rules how alert rules and capacity thresholds reach the jobs, key {@code rules:
     *     {enabled, slot, user, password}}: read from the vault's own log as people change them.
     *     Null with {@code enabled: false}: then only the catalogue's thresholds are known
     * @param persons what is stored of user names and client addresses, key {@code persons: {key,
     *     clear_text}}: a hash under {@code key}, by which the same one is recognised everywhere,
     *     and the text itself where {@code clear_text} is true; default no key, which stores no
     *     hash, and no clear text
     */
    public record Vault(
            String url,
            String user,
            Secret password,
            String adminUser,
            Secret adminPassword,
            int batchRows,
            Duration linger,
            int capacityRows,
            @Nullable Changes rules,
            Pseudonyms persons)
            implements Serializable {}

    /**
     * How the changes of a database are read from its log.
     *
     * @param capture keys {@code slot}: its replication slot, of which one job is the only reader,
     *     up to 63 lower-case letters, digits and underscores, default {@code onevault_} and the
     *     target's name, for the vault {@code onevault_rules}; another name begins anew with a
     *     snapshot. The publication has the slot's name. {@code tables}: whose changes are read,
     *     {@code schema.table} each; mandatory. {@code whole_rows}: those of them whose updates and
     *     deletes shall carry the whole old row, which {@code deploy} sets; needed for tables
     *     without primary key; default none
     * @param user login role with {@code REPLICATION} and {@code SELECT} on the tables; default the
     *     server's {@code user}
     * @param password of the user; default the server's when there is no {@code user}, else none
     * @param adminUser login role that {@code deploy} makes publication and slot with: superuser,
     *     or owner of the tables with {@code REPLICATION} and {@code CREATE} on the database;
     *     default {@code user}; of the vault's rules its own {@code admin_user}
     * @param adminPassword of the admin user; default {@code password} when there is no {@code
     *     admin_user}, else none
     */
    public record Changes(
            ChangeCapture capture,
            String user,
            Secret password,
            String adminUser,
            Secret adminPassword)
            implements Serializable {}

    /**
     * What is made of alerts.
     *
     * @param lifecycle how they come and go
     * @param routing whom they are told; nobody without {@code channels}
     * @param profile key {@code profile: production} (default) or {@code development}: what the
     *     default rules are like that {@code deploy} inserts
     */
    public record Alerts(LifecycleSettings lifecycle, AlertRouting routing, RuleProfile profile)
            implements Serializable {}

    /** What answers at a target's address. */
    public enum TargetKind {
        /** A PostgreSQL server. */
        POSTGRES,
        /** The admin console of PgBouncer, database {@code pgbouncer}. */
        PGBOUNCER;

        /** The word for it in the configuration. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A server to be watched.
     *
     * @param name identifies it in every series; unique, of letters, digits, dot, underscore and
     *     hyphen; mandatory
     * @param kind {@code postgres} or {@code pgbouncer}; default {@code postgres}
     * @param url {@code jdbc:postgresql://host:port/database} without user or password; mandatory
     * @param user login role with {@code pg_monitor}, or one of PgBouncer's {@code stats_users};
     *     mandatory
     * @param password of the user; absent when the server needs none
     * @param hostMetrics whether the collector runs on the server's host and reads its CPU, memory
     *     and disks too; default false
     * @param dataDirectory absolute path whose file system's space is watched with {@code
     *     host_metrics}; default empty, which asks the server
     * @param tenantOfRole POSIX regular expression whose first group, matched against a role's
     *     name, is its tenant, such as {@code ^app_(.+)$}; default empty: roles say nothing of
     *     tenants
     * @param tenantOfSchema the same for names of schemas
     * @param changes which tables' changes are read, key {@code changes: {tables, whole_rows, slot,
     *     user, password, admin_user, admin_password}}; default none
     */
    public record Target(
            String name,
            TargetKind kind,
            String url,
            String user,
            Secret password,
            boolean hostMetrics,
            String dataDirectory,
            String tenantOfRole,
            String tenantOfSchema,
            @Nullable Changes changes)
            implements Serializable {}

    /**
     * What is asked of the targets.
     *
     * @param intervals poll name to interval, 100 ms to 1 d, in place of the catalogue's own
     * @param disabled names of polls that do not run
     * @param catalogueDirectory folder of the user's own polls, absolute; default none
     */
    public record Polling(
            Map<String, Duration> intervals,
            Set<String> disabled,
            @Nullable String catalogueDirectory)
            implements Serializable {

        public Polling {
            intervals = Map.copyOf(intervals);
            disabled = Set.copyOf(disabled);
        }

        /**
         * The polls that come with the product, with the user's own.
         *
         * @throws IllegalArgumentException when a file of the user's is malformed, with its line
         */
        public PollCatalogue catalogue() {
            PollCatalogue own = PollCatalogue.load();
            return catalogueDirectory == null ? own : own.with(Path.of(catalogueDirectory));
        }
    }

    /**
     * How locks are judged, and what is done about those who block.
     *
     * @param assessment keys {@code impact: {per_second, waiting, critical_table, other_table,
     *     exclusive, business_hours, admin_user}}: points for each, default 2, 20, 15, 5, 25, 10,
     *     -5; {@code critical_tables}: {@code table} or {@code schema.table} each; {@code
     *     admin_users}: roles; {@code business_hours: {from, until}}: hours, the last one included,
     *     default 8 to 18; {@code zone} of these and of the maintenance window, default UTC; see
     *     {@link AssessmentSettings}. Its tenants are the targets' patterns
     * @param resolution keys {@code resolution: {enabled, dry_run, minimum_wait, minimum_victims,
     *     minimum_impact, grace, max_actions, actions_window, decision_age, maintenance_window:
     *     {enabled, from, until}, admin_roles, vault_roles, admin_tools}}; see {@link
     *     ResolutionSettings} for meaning and defaults. {@code admin_roles} and {@code admin_tools}
     *     add to the built-in ones. {@code decision_age} must be longer than {@code
     *     job.checkpoint_interval}
     * @param probeInterval key {@code probe_interval}: how often servers are asked whether somebody
     *     waits, 20 ms to 10 s; default 100 ms
     * @param log key {@code log}: whether the servers' logs are read, which tell how waits and
     *     deadlocks ended; default true
     * @param user login role that signals, a member of {@code pg_monitor} and {@code
     *     pg_signal_backend} but no superuser; default the target's own, then null
     * @param password of the user
     */
    public record Locks(
            AssessmentSettings assessment,
            ResolutionSettings resolution,
            Duration probeInterval,
            boolean log,
            @Nullable String user,
            Secret password)
            implements Serializable {

        /** Judged by the defaults; nothing is resolved. */
        public static final Locks DEFAULT =
                new Locks(
                        AssessmentSettings.DEFAULT,
                        ResolutionSettings.DEFAULT,
                        LockSamplerOptions.DEFAULT.probeInterval(),
                        true,
                        null,
                        Secret.NONE);
    }

    /** Where keyed state lives between checkpoints. */
    public enum StateBackend {
        /** On the heap; about ten times faster, bounded by memory. */
        HASHMAP,
        /** On local disks. */
        ROCKSDB;

        /** The word for it here and in Flink's configuration. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * How the Flink job runs.
     *
     * @param capabilities what the job is composed of; default all there are
     * @param parallelism 1 to 32,768; default what the cluster or {@code flink run -p} says
     * @param checkpointInterval 100 ms to 1 d; default 10 s
     * @param checkpointDirectory absolute path or URI that every process of the cluster reaches;
     *     default what the cluster says
     * @param retainedCheckpoints how many completed checkpoints stay ones to go back to, 1 to 100:
     *     as many as the cluster keeps ({@code execution.checkpointing.num-retained}); servers
     *     whose changes are read keep their log for all of them; default 3
     * @param stateBackend {@code hashmap} or {@code rocksdb}; default what the cluster says, which
     *     is {@code hashmap} unless set
     * @param name the job's name; default {@code onevault}
     */
    public record Job(
            Set<Capability> capabilities,
            @Nullable Integer parallelism,
            Duration checkpointInterval,
            @Nullable String checkpointDirectory,
            int retainedCheckpoints,
            @Nullable StateBackend stateBackend,
            String name)
            implements Serializable {

        private static final int TOLERATED_CHECKPOINT_FAILURES = 5;

        public Job {
            capabilities = Set.copyOf(capabilities);
        }

        /**
         * What Flink has to know, for {@code StreamExecutionEnvironment.configure}: the keys above
         * that are set, and what the pipeline always needs (explicit uids, no Kryo).
         */
        public Configuration flinkConfiguration() {
            Configuration flink = new Configuration();
            flink.set(PipelineOptions.NAME, name);
            flink.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
            flink.set(PipelineOptions.GENERIC_TYPES, false);
            flink.set(PipelineOptions.OBJECT_REUSE, true);
            // A wait is in the vault within a fraction of a second, over several exchanges.
            flink.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ofMillis(10));
            flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpointInterval);
            // Backpressure of an absent vault slows checkpoints down; that must not end the job.
            flink.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, TOLERATED_CHECKPOINT_FAILURES);
            if (parallelism != null) {
                flink.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
            }
            if (checkpointDirectory != null) {
                flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpointDirectory);
            }
            if (stateBackend != null) {
                flink.set(StateBackendOptions.STATE_BACKEND, stateBackend.key());
            }
            return flink;
        }
    }

    /** How locks are judged, with the targets' tenants. */
    public AssessmentSettings lockAssessment() {
        Map<String, TenantPatterns> patterns = new HashMap<>();
        for (Target target : targets) {
            patterns.put(
                    target.name(),
                    new TenantPatterns(target.tenantOfRole(), target.tenantOfSchema()));
        }
        return locks.assessment().withTenants(patterns);
    }

    /** The PostgreSQL servers with the login that watches. */
    public List<ServerTarget> postgresTargets() {
        return targets.stream()
                .filter(target -> target.kind() == TargetKind.POSTGRES)
                .map(
                        target ->
                                new ServerTarget(
                                        target.name(),
                                        target.url(),
                                        target.user(),
                                        target.password()))
                .toList();
    }

    /** The same with the login that signals. */
    public List<ServerTarget> lockResolutionTargets() {
        String user = locks.user();
        if (user == null) {
            return postgresTargets();
        }
        return postgresTargets().stream()
                .map(
                        target ->
                                new ServerTarget(
                                        target.name(), target.url(), user, locks.password()))
                .toList();
    }

    /** How the sinks reach the vault. */
    public VaultOptions vaultOptions() {
        VaultOptions defaults = VaultOptions.of(vault.url(), vault.user(), vault.password());
        return new VaultOptions(
                defaults.url(),
                defaults.user(),
                defaults.password(),
                vault.batchRows(),
                vault.linger(),
                vault.capacityRows(),
                defaults.backoffMax());
    }
}
