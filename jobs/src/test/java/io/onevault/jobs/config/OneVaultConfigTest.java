package io.onevault.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import io.onevault.connectors.cdc.ChangeCapture;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.jobs.capacity.TenantGrowthSettings;
import io.onevault.jobs.capacity.forecast.ConnectionPlan;
import io.onevault.jobs.config.OneVaultConfig.StateBackend;
import io.onevault.jobs.config.OneVaultConfig.TargetKind;
import io.onevault.jobs.locks.impact.HourRange;
import io.onevault.jobs.locks.impact.ImpactWeights;
import io.onevault.jobs.locks.resolution.ResolutionSettings;
import io.onevault.jobs.metrics.WindowSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OneVaultConfigTest {

    private static final String SECRET = "s3cr3t-Zq9";
    private static final String MINIMAL =
            """
            vault: {url: "jdbc:postgresql://vault:5432/vault", user: writer}
            targets:
              - {name: orders, url: "jdbc:postgresql://db/orders", user: collector}
            """;

    @TempDir private Path folder;

    @Test
    void anythingNotSaidHasItsDefault() throws Exception {
        OneVaultConfig config = read(MINIMAL);

        assertThat(config.vault().password()).isEqualTo(Secret.NONE);
        assertThat(config.vault().adminUser()).isEqualTo("writer");
        assertThat(config.vaultOptions().batchRows()).isEqualTo(5_000);
        assertThat(config.vaultOptions().linger()).isEqualTo(Duration.ofMillis(200));
        assertThat(config.targets().get(0).kind()).isEqualTo(TargetKind.POSTGRES);
        assertThat(config.windows()).isEqualTo(WindowSettings.DEFAULT);
        assertThat(config.job().capabilities()).containsExactlyInAnyOrder(Capability.values());
        assertThat(config.targets().get(0).changes()).isNull();
        OneVaultConfig.Changes rules = config.vault().rules();
        assertThat(rules.user()).isEqualTo("writer");
        assertThat(rules.capture().slot()).isEqualTo("onevault_rules");
        assertThat(rules.capture().tables()).contains("monitoring.alert_configuration_s");
        assertThat(config.job().checkpointInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.job().stateBackend()).isNull();
    }

    @Test
    void everyKeyIsRead() throws Exception {
        Files.writeString(folder.resolve("password"), SECRET + "\n");
        OneVaultConfig config =
                read(
                        """
                        vault:
                          url: jdbc:postgresql://[::1]:5433/vault?sslmode=verify-full
                          user: writer
                          password: ${file:password}
                          admin_user: owner
                          admin_password: ${ADMIN}
                          batch_rows: 100
                          linger: 1s
                          capacity_rows: 1000
                          rules: {slot: rules_of_watch, user: replicator, password: r}
                        targets:
                          - name: orders
                            kind: postgres
                            url: jdbc:postgresql://db/orders
                            user: collector
                            password: "x$${y}${ADMIN}"
                            host_metrics: true
                            data_directory: /var/lib/postgresql
                            tenant_of_role: ^app_(.+)$
                            changes:
                              tables: [business.customer_h, business.note]
                              whole_rows: [business.note]
                              slot: orders_changes
                              user: replicator
                              admin_user: postgres
                              admin_password: ${ADMIN}
                          - {name: pool, kind: pgbouncer, url: "jdbc:postgresql://db:6432/pgbouncer", user: stats}
                        polling:
                          intervals: {activity: 5s}
                          disabled: [tenants]
                        windows: {size: 10s, lateness: 1m, absent_after: 1m, expiry: 2h}
                        growth:
                          period: 1m
                          tenant_column: owner_hk
                          owner_columns: {business.note: customer_ref}
                          expiry: 2d
                        job:
                          capabilities: [metrics]
                          parallelism: 2
                          checkpoint_interval: 500ms
                          checkpoint_directory: /var/lib/onevault
                          state_backend: rocksdb
                          name: watch
                        """);

        assertThat(config.vault().password().reveal()).isEqualTo(SECRET);
        assertThat(config.vault().adminPassword().reveal()).isEqualTo("from-env");
        assertThat(config.targets().get(0).password().reveal()).isEqualTo("x${y}from-env");
        assertThat(config.targets().get(0).tenantOfRole()).isEqualTo("^app_(.+)$");
        assertThat(config.vault().rules().capture().slot()).isEqualTo("rules_of_watch");
        assertThat(config.vault().rules().password().reveal()).isEqualTo("r");
        assertThat(config.vault().rules().adminUser()).isEqualTo("owner");
        OneVaultConfig.Changes changes = config.targets().get(0).changes();
        assertThat(changes.capture())
                .isEqualTo(
                        new ChangeCapture(
                                "orders_changes",
                                "orders_changes",
                                List.of("business.customer_h", "business.note"),
                                List.of("business.note")));
        assertThat(changes.user()).isEqualTo("replicator");
        assertThat(changes.password()).isEqualTo(Secret.NONE);
        assertThat(changes.adminPassword().reveal()).isEqualTo("from-env");
        assertThat(config.polling().disabled()).containsExactly("tenants");
        assertThat(config.polling().intervals())
                .isEqualTo(Map.of("activity", Duration.ofSeconds(5)));
        assertThat(config.windows().size()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.growth())
                .isEqualTo(
                        new TenantGrowthSettings(
                                Duration.ofMinutes(1),
                                "owner_hk",
                                Map.of("business.note", "customer_ref"),
                                Duration.ofDays(2)));
        assertThat(config.job().checkpointDirectory()).isEqualTo("file:///var/lib/onevault");
        assertThat(config.job().stateBackend()).isEqualTo(StateBackend.ROCKSDB);
        Configuration flink = config.job().flinkConfiguration();
        assertThat(flink.get(PipelineOptions.NAME)).isEqualTo("watch");
        assertThat(flink.get(PipelineOptions.GENERIC_TYPES)).isFalse();
    }

    @Test
    void locksAreReadAndNothingIsResolvedUnlessSwitchedOn() throws Exception {
        OneVaultConfig plain = read(MINIMAL);
        assertThat(plain.locks()).isEqualTo(OneVaultConfig.Locks.DEFAULT);
        assertThat(plain.locks().resolution().enabled()).isFalse();
        assertThat(plain.locks().resolution().dryRun()).isTrue();
        assertThat(plain.lockResolutionTargets())
                .extracting(ServerTarget::user)
                .containsExactly(plain.targets().get(0).user());

        OneVaultConfig config =
                read(
                        MINIMAL
                                + """

                                locks:
                                  zone: Europe/Berlin
                                  critical_tables: [shop.orders]
                                  admin_users: [chief]
                                  business_hours: {from: 7, until: 20}
                                  impact: {per_second: 0.5, admin_user: 0}
                                  resolution:
                                    enabled: true
                                    dry_run: false
                                    user: resolver
                                    password: %s
                                    minimum_wait: 5s
                                    minimum_victims: 2
                                    minimum_impact: 0
                                    grace: 7s
                                    max_actions: 1
                                    actions_window: 1h
                                    decision_age: 11s
                                    maintenance_window: {enabled: false}
                                    admin_roles: [dba]
                                    vault_roles: [BOSS]
                                    admin_tools: [TablePlus]
                                """
                                        .formatted(SECRET));
        assertThat(config.locks().assessment().weights())
                .isEqualTo(new ImpactWeights(0.5, 20, 15, 5, 25, 10, 0));
        assertThat(config.locks().assessment().businessHours())
                .isEqualTo(new HourRange(7, 20, "Europe/Berlin"));
        ResolutionSettings resolution = config.locks().resolution();
        assertThat(resolution.enabled()).isTrue();
        assertThat(resolution.dryRun()).isFalse();
        assertThat(resolution.maintenanceWindow()).isNull();
        assertThat(resolution.grace()).isEqualTo(Duration.ofSeconds(7));
        assertThat(resolution.adminUsers()).containsExactly("chief");
        assertThat(resolution.adminRoles()).contains("rds_superuser", "dba");
        assertThat(resolution.vaultRoles()).containsExactly("BOSS");
        assertThat(resolution.tools()).contains("psql", "TablePlus", "pg_dump", "vacuumdb");
        assertThat(config.lockResolutionTargets().get(0).password().reveal()).isEqualTo(SECRET);
        assertThat(config.toString()).doesNotContain(SECRET);
    }

    @Test
    void tenantPatternsNeedAGroupAndMustCompile() throws Exception {
        List<ConfigProblem> problems =
                problems(
                        """
                        vault: {url: "jdbc:postgresql://a/vault", user: writer}
                        targets:
                          - name: orders
                            url: jdbc:postgresql://db/orders
                            user: collector
                            tenant_of_role: ^app_
                            tenant_of_schema: "tenant_("
                        """);
        assertThat(problems)
                .extracting(ConfigProblem::toString)
                .satisfiesExactly(
                        p -> assertThat(p).contains("tenant_of_role", "^app_", "parentheses"),
                        p -> assertThat(p).contains("tenant_of_schema", "tenant_("));
    }

    @Test
    void rulesAreNotReadWhenSwitchedOff() throws Exception {
        OneVaultConfig config =
                read(MINIMAL.replace("user: writer", "user: writer, rules: {enabled: false}"));

        assertThat(config.vault().rules()).isNull();
    }

    @Test
    void changesAreReadFromOneHost() throws Exception {
        String several =
                """
                vault: {url: "jdbc:postgresql://a,b:5433/vault", user: w, rules: {enabled: %s}}
                targets:
                  - {name: a, url: "jdbc:postgresql://c,d/a?user=x", user: c, changes: {tables: [s.t]}}
                  - {name: b, url: "jdbc:postgresql://c,d/b", user: c}
                  - {name: c, url: "jdbc:postgresql://c/c?options=-c%%20a=b,c", user: c, changes: {tables: [s.t]}}
                """;
        assertThat(problems(several.formatted("true")))
                .extracting(ConfigProblem::toString)
                .filteredOn(p -> p.contains("several hosts"))
                .satisfiesExactly(
                        p -> assertThat(p).contains("vault.url", "name the primary"),
                        p ->
                                assertThat(p)
                                        .contains("targets[0].url", "an address that follows it"));
        assertThat(problems(several.formatted("false")))
                .extracting(ConfigProblem::toString)
                .filteredOn(p -> p.contains("several hosts"))
                .satisfiesExactly(p -> assertThat(p).contains("targets[0].url"));
    }

    @Test
    void connectionsSayHowApplicationsReachATarget() throws Exception {
        OneVaultConfig config =
                read(
                        MINIMAL
                                + """
                                forecast:
                                  connections:
                                    - {target: orders, pods: 3, pool_size: 20, users: 250, role_limit: 50,
                                       pgbouncer: {pool_size: 50, max_clients: 1000}}
                                """);

        assertThat(config.forecast().connections())
                .containsOnly(
                        entry(
                                "orders",
                                new ConnectionPlan(
                                        3, 20, 250, 50, 3, new ConnectionPlan.Pooler(50, 1_000))));
        assertThat(
                        problems(
                                MINIMAL
                                        + """
                                        forecast:
                                          connections:
                                            - {target: order, pods: 3, pool_size: 0, users: 250}
                                            - {target: orders, pods: 3, users: 1, pgbouncer: {pool_size: 5}}
                                        """))
                .extracting(ConfigProblem::key)
                .containsExactlyInAnyOrder(
                        "forecast.connections[0].target",
                        "forecast.connections[0].pool_size",
                        "forecast.connections[1].pool_size",
                        "forecast.connections[1].pgbouncer.max_clients");
    }

    @Test
    void connectionsOfAllPodsTogetherAreBounded() throws Exception {
        String group =
                MINIMAL
                        + """
                        forecast:
                          connections:
                            - {target: orders, pods: %d, pool_size: %d, users: 250}
                        """;
        assertThat(problems(group.formatted(1_000_000, 10_000)))
                .singleElement()
                .extracting(ConfigProblem::toString)
                .asString()
                .contains("forecast.connections[0].pool_size", "10000000000", "at most 1000000");
        assertThat(read(group.formatted(100, 10_000)).forecast().connections())
                .as("what is allowed can be advised")
                .hasEntrySatisfying(
                        "orders",
                        plan -> assertThat(plan.pods() * plan.poolSize()).isEqualTo(1_000_000));
    }

    @Test
    void mistakesInChangesAreNamedAtOnce() throws Exception {
        List<ConfigProblem> problems =
                problems(
                        """
                        vault: {url: "jdbc:postgresql://a/vault", user: writer, rules: {slot: No-Slot}}
                        targets:
                          - {name: a, url: "jdbc:postgresql://db/a", user: c, changes: {tables: []}}
                          - {name: b, url: "jdbc:postgresql://db/b", user: c, changes: {tables: [orders, s.t, s.t]}}
                          - {name: c, url: "jdbc:postgresql://db/c", user: c, changes: {tables: [s.t], slot: onevault_b}}
                          - {name: d, url: "jdbc:postgresql://db/d", user: c, changes: {tables: [s.t], whole_rows: [s.u]}}
                          - {name: e, kind: pgbouncer, url: "jdbc:postgresql://db/pgbouncer", user: c, changes: {tables: [s.t]}}
                          - {name: f, url: "jdbc:postgresql://db/f", user: c, changes: {tabels: [s.t]}}
                        """);
        assertThat(problems)
                .extracting(ConfigProblem::toString)
                .satisfiesExactly(
                        p -> assertThat(p).contains("rules.slot", "No-Slot", "lower-case"),
                        p -> assertThat(p).contains("targets[0].changes.tables", "no table"),
                        p -> assertThat(p).contains("targets[1]", "orders", "schema.table"),
                        p -> assertThat(p).contains("targets[1]", "s.t", "listed twice"),
                        p -> assertThat(p).contains("targets[2]", "onevault_b", "line 4"),
                        p -> assertThat(p).contains("targets[3]", "s.u", "not among tables"),
                        p -> assertThat(p).contains("targets[4]", "PgBouncer"),
                        p -> assertThat(p).contains("targets[5].changes.tables", "no table"),
                        p -> assertThat(p).contains("tabels", "did you mean tables"));
    }

    @Test
    void tenMistakesAreNamedAtOnceWithKeyValueAndRemedy() throws Exception {
        List<ConfigProblem> problems =
                problems(
                        """
                        vault:
                          url: jdbc:mysql://vault/vault
                          user: writer
                          pasword: s3cr3t-Zq9
                          batch_rows: many
                        targets:
                          - {name: orders, url: "jdbc:postgresql://db/orders?user=u&password=s3cr3t-Zq9", user: c}
                          - {name: orders, url: "jdbc:postgresql://db/other", user: c, password: "${NOT_SET}"}
                          - {name: "a b", kind: oracle, url: "jdbc:postgresql://db:99999/x"}
                        polling:
                          intervals: {activty: 5s}
                          disabled: [nonsense]
                        windows: {size: 7s, lateness: soon}
                        job: {capabilities: [metrics, alarms], parallelism: 0}
                        """);

        assertThat(problems)
                .extracting(ConfigProblem::line, ConfigProblem::key, ConfigProblem::value)
                .contains(
                        tuple(2, "vault.url", "jdbc:mysql://vault/vault"),
                        tuple(4, "vault.pasword", ""),
                        tuple(5, "vault.batch_rows", "many"),
                        tuple(
                                7,
                                "targets[0].url",
                                "jdbc:postgresql://db/orders?user=u&password=******"),
                        tuple(8, "targets[1].name", "orders"),
                        tuple(8, "targets[1].password", ""),
                        tuple(9, "targets[2].name", "a b"),
                        tuple(9, "targets[2].kind", "oracle"),
                        tuple(9, "targets[2].url", "jdbc:postgresql://db:99999/x"),
                        tuple(9, "targets[2].user", ""),
                        tuple(11, "polling.intervals.activty", ""),
                        tuple(12, "polling.disabled[0]", "nonsense"),
                        tuple(13, "windows.size", "7s"),
                        tuple(13, "windows.lateness", "soon"),
                        tuple(14, "job.capabilities[1]", "alarms"),
                        tuple(14, "job.parallelism", "0"))
                .hasSize(16);
        assertThat(sentences(problems))
                .contains(
                        "vault.pasword is not a known key; did you mean password?",
                        "needs the environment variable NOT_SET, which is not set",
                        "is the name of another target, in line 7",
                        "did you mean activity?",
                        "\"alarms\" is not known here; write one of: metrics, capacity, locks,"
                                + " alerts.",
                        "\"7s\" does not divide an hour into whole seconds",
                        "\"0\" is out of range; write a whole number from 1 to 32768.",
                        "holds user or password; take them out of the url")
                .doesNotContain(SECRET);
        assertThat(problems).allSatisfy(p -> assertThat(p.remedy()).isNotBlank());
    }

    private static org.assertj.core.groups.Tuple tuple(Object... values) {
        return org.assertj.core.groups.Tuple.tuple(values);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vault: {password: s3cr3t-Zq9",
                "vault:\n  password: s3cr3t-Zq9: x\n",
                "vault:\n  password: %s3cr3t-Zq9\n",
                "vault:\n  password: @s3cr3t-Zq9\n",
                "vault:\n  password: !s3cr3t-Zq9!x y\n",
                "vault:\n  password: !s3cr3t-Zq9\n",
                "vault:\n  password: *s3cr3t-Zq9\n",
                "vault:\n  password: \"s3cr3t-Zq9\n",
                "vault:\n\tpassword: s3cr3t-Zq9\n",
                "vault:\n  password: [s3cr3t-Zq9]\n",
                "vault:\n  password: {s3cr3t-Zq9: x}\n",
                "vault:\n  password: x${s3cr3t-Zq9!\n",
                "s3cr3t-Zq9",
                "[s3cr3t-Zq9]",
                "vault: {url: \"jdbc:postgresql://u:s3cr3t-Zq9@h/d\", user: u}",
                "vault: {url: \"jdbc:postgresql://h/d?sslpassword=s3cr3t-Zq9\", user: u}",
                "vault: {password: s3cr3t-Zq9, password: s3cr3t-Zq9}",
                "vault: {user: u}\n---\nvault: {password: s3cr3t-Zq9}"
            })
    void brokenYamlIsRefusedWithoutQuotingIt(String yaml) throws Exception {
        List<ConfigProblem> problems = problems(yaml);

        assertThat(problems).isNotEmpty();
        assertThat(problems).anySatisfy(p -> assertThat(p.line()).isPositive());
        if (!yaml.contains("{s3cr3t-Zq9")) {
            assertThat(sentences(problems)).doesNotContain(SECRET);
        }
    }

    @Test
    void syntaxErrorsComeWithLineAndColumn() throws Exception {
        assertThat(sentences(problems("vault:\n  url: a: b\n")))
                .contains(
                        ":2: is not valid YAML at column 9 (mapping values are not allowed here)");
    }

    @ParameterizedTest
    @CsvSource({
        "job: {parallelism: x}, a whole number",
        "job: [], a list",
        "job: 5, a single value",
        "targets: {}, a list",
        "windows: {expiry: 1m}, is not longer than lateness",
        "windows: {size: 70s}, does not divide",
        "windows: {size: 500ms}, out of range",
        "growth: {period: 7s}, does not divide a day",
        "'locks: {zone: Mars/Olympus}', is not a time zone",
        "'locks: {impact: {waiting: much}}', is not a number",
        "'locks: {impact: {waiting: NaN}}', is out of range",
        "'locks: {impact: {per_second: 101}}', is out of range",
        "'locks: {business_hours: {until: 24}}', is out of range",
        "'locks: {resolution: {password: x}}', belongs to no user",
        "'locks: {resolution: {minimum_wait: 0s}}', is out of range",
        "'locks: {resolution: {enabled: true, decision_age: 10s}}', is not longer than",
        "'locks: {resolution: {maintenance_window: {end: 3}}}', is not a known key",
        "job: {checkpoint_directory: relative}, neither an absolute path nor a URI",
        "polling: {disabled: [target]}, cannot be disabled",
        "polling: {catalogue_directory: /no/such}, is not a folder",
        "nonsense: 1, known here are vault",
    })
    void eachMistakeHasItsSentence(String yaml, String expected) throws Exception {
        String others = yaml.startsWith("targets") ? MINIMAL.lines().findFirst().get() : MINIMAL;
        assertThat(sentences(problems(others + "\n" + yaml.replace(';', ',') + "\n")))
                .contains(expected);
    }

    @Test
    void anUnreadableFileIsAProblemLikeAnyOther() {
        assertThat(sentences(problemsOf(folder.resolve("none.yaml")))).contains("does not exist");
        assertThat(sentences(problemsOf(folder))).contains("is a folder");
    }

    @Test
    void noSecretIsShownByToString() throws Exception {
        OneVaultConfig config =
                read(MINIMAL.replace("user: writer", "user: writer, password: " + SECRET));
        assertThat(config.toString()).contains("writer").doesNotContain(SECRET);
        assertThat(config.vaultOptions().toString()).doesNotContain(SECRET);
    }

    @Test
    void travelsWithAJob() throws Exception {
        OneVaultConfig config = read(MINIMAL);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(config);
        }
        try (ObjectInputStream in =
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(config);
        }
    }

    @Test
    void channelsThatNoRuleWouldUseAreAProblem() throws Exception {
        assertThat(
                        problems(
                                MINIMAL.replace(
                                                "user: writer",
                                                "user: writer, rules: {enabled: false}")
                                        + """
                                        alerts:
                                          channels:
                                            - {name: chat, type: slack, url: "https://x.example/"}
                                        """))
                .extracting(ConfigProblem::key)
                .containsExactly("alerts.channels");
    }

    @Test
    void theExampleIsValid() throws Exception {
        Path example = Path.of("..", "flink-conf", "onevault.example.yaml");
        OneVaultConfig config =
                new ConfigReader(
                                name ->
                                        name.startsWith("ONEVAULT_") || name.endsWith("_PASSWORD")
                                                ? "x"
                                                : null)
                        .read(example);
        assertThat(config.targets()).hasSize(2);
        assertThat(config.job().capabilities()).isEqualTo(Set.of(Capability.values()));
        assertThat(config.targets().get(0).changes().capture().slot()).isEqualTo("onevault_orders");
    }

    @ParameterizedTest
    @CsvSource({"500ms, 500", "10s, 10000", "5 m, 300000", "2h, 7200000", "1d, 86400000", "0s, 0"})
    void durationsAreANumberWithAUnit(String text, long millis) {
        Duration parsed = Durations.parse(text).orElseThrow();
        assertThat(parsed.toMillis()).isEqualTo(millis);
        assertThat(Durations.parse(Durations.format(parsed))).contains(parsed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "s", "-1s", "1.5s", "1w", "PT5M", "99999999999999999s"})
    void anythingElseIsNoDuration(String text) {
        assertThat(Durations.parse(text)).isEmpty();
    }

    private OneVaultConfig read(String yaml) throws Exception {
        return reader().read(write(yaml));
    }

    private List<ConfigProblem> problems(String yaml) throws Exception {
        return problemsOf(write(yaml));
    }

    private static List<ConfigProblem> problemsOf(Path file) {
        ConfigException refused =
                catchThrowableOfType(ConfigException.class, () -> reader().read(file));
        assertThat(refused).isNotNull();
        assertThat(refused.getCause()).isNull();
        return refused.problems();
    }

    private static String sentences(List<ConfigProblem> problems) {
        return new ConfigException(problems).getMessage();
    }

    private static ConfigReader reader() {
        return new ConfigReader(name -> name.equals("ADMIN") ? "from-env" : null);
    }

    private Path write(String yaml) throws Exception {
        return Files.writeString(folder.resolve("onevault.yaml"), yaml);
    }
}
