package io.onevault.jobs;

import io.onevault.connectors.history.OpenAlertsSource;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.polling.Poll;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.connectors.polling.PollTarget;
import io.onevault.connectors.polling.PollingSource;
import io.onevault.jobs.alerts.AlertsJob;
import io.onevault.jobs.alerts.RulesJob;
import io.onevault.jobs.alerts.findings.FindingsJob;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.routing.RoutingJob;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.capacity.CapacityHistory;
import io.onevault.jobs.capacity.CapacityJob;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.collection.ChangeStreams;
import io.onevault.jobs.collection.CollectionJob;
import io.onevault.jobs.config.Capability;
import io.onevault.jobs.config.ConfigException;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.locks.LockFindings;
import io.onevault.jobs.locks.LocksJob;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.metrics.MetricWindow;
import io.onevault.jobs.metrics.MetricsJob;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * The job: the sources and capabilities that a configuration asks for, in one topology.
 *
 * <p>{@code flink run -c io.onevault.jobs.OneVaultJob onevault-jobs.jar --config onevault.yaml}
 */
public final class OneVaultJob {

    /** Windows end this much after the clock of the server, for results may come out of order. */
    private static final int BOUND_FRACTION_OF_WINDOW = 12;

    private static final Duration LEAST_BOUND = Duration.ofSeconds(1);
    private static final Duration LARGEST_BOUND = Duration.ofSeconds(5);

    private OneVaultJob() {}

    /**
     * Submits the job; the configuration is read where this runs, which is the client.
     *
     * @param arguments {@code --config FILE}
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2 || !arguments[0].equals("--config")) {
            throw new IllegalArgumentException("usage: OneVaultJob --config FILE");
        }
        OneVaultConfig config = readConfig(Path.of(arguments[1]));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        compose(env, config);
        env.execute(config.job().name());
    }

    /** Composes the job in {@code env}, findings going to the configured vault. */
    public static void compose(StreamExecutionEnvironment env, OneVaultConfig config) {
        compose(env, config, new VaultFindingSinks(config.vaultOptions()));
    }

    /** Composes the job in {@code env}, findings going to {@code sinks}. */
    public static void compose(
            StreamExecutionEnvironment env, OneVaultConfig config, FindingSinks sinks) {
        env.configure(config.job().flinkConfiguration());
        boolean alerts = config.job().capabilities().contains(Capability.ALERTS);
        List<DataStream<PollResult>> polled = new ArrayList<>();
        List<DataStream<CdcRecord>> changes = new ArrayList<>();
        @Nullable DataStream<MetricWindow> windows = null;
        @Nullable DataStream<RuleUpdate> rules = null;
        @Nullable DataStream<CdcRecord> ruleChanges = null;
        @Nullable DataStream<LiveValue> values = null;
        FindingsJob findings = new FindingsJob();
        if (config.job().capabilities().contains(Capability.METRICS)) {
            PollCatalogue catalogue = config.polling().catalogue();
            polled.add(polled(env, config, catalogue));
            if (config.vault().rules() != null) {
                ruleChanges = ChangeStreams.ofRules(env, config, config.vault().rules());
                changes.add(ruleChanges);
                rules =
                        RulesJob.defineWorkflow(
                                ruleChanges, sinks, alerts ? findings::rejections : none -> {});
            }
            Map<String, Duration> intervals = intervalsByMetric(config, catalogue);
            DataStream<Sample> samples = MetricsJob.samples(polled.get(0));
            windows =
                    MetricsJob.defineWorkflow(
                            polled.get(0),
                            samples,
                            config.windows(),
                            catalogue,
                            intervals,
                            rules,
                            rules != null && alerts ? findings::lists : none -> {},
                            sinks);
            DataStream<LiveValue> deviations =
                    MetricsJob.deviations(
                            windows,
                            config.windows(),
                            ZoneId.of(config.alerts().lifecycle().businessHours().zone()),
                            catalogue,
                            intervals,
                            sinks);
            if (rules != null && alerts) {
                values = MetricsJob.liveValues(samples, config.windows(), catalogue, intervals);
                findings.deviations(deviations);
            }
        }
        if (config.job().capabilities().contains(Capability.CAPACITY)) {
            Map<String, DataStream<CdcRecord>> ofTargets = ChangeStreams.ofTargets(env, config);
            changes.addAll(ofTargets.values());
            boolean remembers = config.forecast().loadHistory();
            boolean measures = windows != null || !ofTargets.isEmpty();
            DataStream<ResourceForecast> forecasts =
                    CapacityJob.defineWorkflow(
                            windows,
                            ofTargets,
                            remembers && measures
                                    ? CapacityHistory.read(
                                            env,
                                            config.vaultOptions(),
                                            config.forecast().historyDays())
                                    : null,
                            rules,
                            config.growth(),
                            config.forecast(),
                            sinks);
            if (forecasts != null && values != null) {
                findings.forecasts(forecasts, config.forecast().refit());
            }
        }
        List<DataStream<CollectionGap>> gaps = new ArrayList<>();
        if (config.job().capabilities().contains(Capability.LOCKS)) {
            LockFindings found = LocksJob.defineWorkflow(env, config, sinks);
            if (found != null) {
                gaps.addAll(found.gaps());
                if (values != null) {
                    findings.locks(found.incidents(), found.deadlocks());
                    if (found.log() != null) {
                        findings.log(found.log());
                    }
                }
            }
        }
        if (values != null && rules != null && ruleChanges != null) {
            findings.changes(changes);
            List<DataStream<LiveValue>> found = new ArrayList<>(findings.values());
            found.add(openAlerts(env, config));
            alerts(config, values, found, rules, ruleChanges, sinks);
        }
        CollectionJob.defineWorkflow(polled, changes, gaps, sinks);
    }

    private static void alerts(
            OneVaultConfig config,
            DataStream<LiveValue> values,
            List<DataStream<LiveValue>> findings,
            DataStream<RuleUpdate> rules,
            DataStream<CdcRecord> ruleChanges,
            FindingSinks sinks) {
        PollCatalogue catalogue = config.polling().catalogue();
        DataStream<AlertInstance> alerts =
                AlertsJob.defineWorkflow(
                        values,
                        findings,
                        rules,
                        ruleChanges,
                        config.alerts().lifecycle(),
                        MetricsJob.definitions(catalogue),
                        intervalsByMetric(config, catalogue),
                        config.forecast().refit(),
                        sinks);
        if (!config.alerts().routing().channels().isEmpty()) {
            RoutingJob.defineWorkflow(alerts, config.alerts().routing(), sinks);
        }
    }

    /** What the vault has as open when the job begins. */
    private static DataStream<LiveValue> openAlerts(
            StreamExecutionEnvironment env, OneVaultConfig config) {
        List<String> names = new ArrayList<>();
        config.targets().forEach(target -> names.add(target.name()));
        names.add(FindingsJob.VAULT);
        return env.fromSource(
                        new OpenAlertsSource(config.vaultOptions(), names),
                        WatermarkStrategy.noWatermarks(),
                        "open-alerts")
                .uid("open-alerts")
                .setParallelism(1)
                .map(LiveValue::new)
                .returns(LiveValue.class)
                .setParallelism(1)
                .uid("open-alerts-by-series")
                .name("open-alerts-by-series");
    }

    private static DataStream<PollResult> polled(
            StreamExecutionEnvironment env, OneVaultConfig config, PollCatalogue catalogue) {
        PollingSource.Builder source = PollingSource.builder().catalogue(catalogue);
        config.polling().intervals().forEach(source::interval);
        for (OneVaultConfig.Target target : config.targets()) {
            source.target(pollTarget(target, config.polling().disabled()));
        }
        return env.fromSource(
                        source.build(),
                        PollingSource.watermarks(outOfOrderBound(config.windows().size())),
                        "polling-source")
                .uid("polling-source");
    }

    private static PollTarget pollTarget(OneVaultConfig.Target target, Set<String> disabled) {
        PollTarget.Builder builder =
                target.kind() == OneVaultConfig.TargetKind.PGBOUNCER
                        ? PollTarget.pgBouncer(
                                target.name(), target.url(), target.user(), target.password())
                        : PollTarget.postgres(
                                target.name(), target.url(), target.user(), target.password());
        return builder.hostMetrics(target.hostMetrics())
                .dataDirectory(target.dataDirectory())
                .tenantOfRole(target.tenantOfRole())
                .tenantOfSchema(target.tenantOfSchema())
                .excludePolls(disabled)
                .build();
    }

    private static Duration outOfOrderBound(Duration window) {
        Duration bound = window.dividedBy(BOUND_FRACTION_OF_WINDOW);
        if (bound.compareTo(LEAST_BOUND) < 0) {
            return LEAST_BOUND;
        }
        return bound.compareTo(LARGEST_BOUND) > 0 ? LARGEST_BOUND : bound;
    }

    private static Map<String, Duration> intervalsByMetric(
            OneVaultConfig config, PollCatalogue catalogue) {
        Map<String, Duration> intervals = new HashMap<>();
        for (Poll poll : catalogue.polls()) {
            Duration interval =
                    config.polling().intervals().getOrDefault(poll.name(), poll.interval());
            poll.metrics().keySet().forEach(metric -> intervals.put(metric, interval));
        }
        return intervals;
    }

    private static OneVaultConfig readConfig(Path file) {
        try {
            return OneVaultConfig.read(file);
        } catch (ConfigException e) {
            throw new IllegalArgumentException(
                    e.problems().stream()
                            .map(Object::toString)
                            .collect(Collectors.joining(System.lineSeparator())),
                    e);
        }
    }
}
