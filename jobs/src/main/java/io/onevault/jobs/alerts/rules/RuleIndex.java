package io.onevault.jobs.alerts.rules;

import io.onevault.connectors.vault.HashKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rules in force that concern a series.
 *
 * <p>Expressions are matched once for each metric and once for each series, and again only where a
 * changed rule can matter; both answers are kept for as many as the bounds say, those asked for
 * last.
 *
 * <p>A rule for a tenant replaces the general one of its name for that tenant's series, even where
 * its own patterns match nothing. Not thread-safe.
 */
public final class RuleIndex {

    static final int MAX_SERIES = 20_000;

    /** A tenant of which only the hash key is known. */
    private static final Pattern KEY = Pattern.compile("\\\\x[0-9a-f]{64}");

    private static final int MAX_METRICS = 5_000;

    private final Map<String, Compiled<AlertRule>> rules = new HashMap<>();
    private final Map<String, Compiled<CapacityThreshold>> thresholds = new HashMap<>();
    private final Map<String, Set<String>> ruleNamesOfTenants = new HashMap<>();
    private final Map<String, Set<String>> thresholdNamesOfTenants = new HashMap<>();
    private final Map<String, List<Compiled<AlertRule>>> byMetric = new Recent<>(MAX_METRICS);
    private final Map<String, Found> bySeries = new Recent<>(MAX_SERIES);

    /** Expressions matched since it was made, which is what finding costs. */
    private long matches;

    public void apply(RuleUpdate update) {
        Set<String> keys = new HashSet<>(update.retiredRules());
        update.rules().forEach(rule -> keys.add(rule.key()));
        Set<String> touched = metricsWith(namesOf(keys));
        put(update.rules(), update.thresholds());
        update.retiredRules().forEach(rules::remove);
        update.retiredThresholds().forEach(thresholds::remove);
        nameTenants();
        for (Map.Entry<String, List<Compiled<AlertRule>>> metric : byMetric.entrySet()) {
            metric.setValue(replaced(metric.getKey(), metric.getValue(), keys));
        }
        touched.addAll(metricsWith(namesOf(keys)));
        boolean capacity = !update.thresholds().isEmpty() || !update.retiredThresholds().isEmpty();
        bySeries.values()
                .removeIf(
                        found ->
                                touched.contains(found.metric)
                                        || !byMetric.containsKey(found.metric)
                                        || (capacity
                                                && !CapacityMetrics.resourceType(found.metric)
                                                        .isEmpty()));
    }

    private Set<String> namesOf(Set<String> keys) {
        Set<String> names = new HashSet<>();
        for (String key : keys) {
            Compiled<AlertRule> rule = rules.get(key);
            if (rule != null) {
                names.add(rule.of.name());
            }
        }
        return names;
    }

    /** By name, for a tenant's rule also decides whether the general one of its name counts. */
    private Set<String> metricsWith(Set<String> names) {
        Set<String> metrics = new HashSet<>();
        byMetric.forEach(
                (metric, candidates) -> {
                    if (candidates.stream().anyMatch(rule -> names.contains(rule.of.name()))) {
                        metrics.add(metric);
                    }
                });
        return metrics;
    }

    private List<Compiled<AlertRule>> replaced(
            String metric, List<Compiled<AlertRule>> candidates, Set<String> keys) {
        List<Compiled<AlertRule>> now = new ArrayList<>(candidates);
        now.removeIf(rule -> keys.contains(rule.of.key()));
        for (String key : keys) {
            Compiled<AlertRule> rule = rules.get(key);
            if (rule != null && matches(rule.subject, metric)) {
                now.add(rule);
            }
        }
        return now;
    }

    /** Adds rules, or replaces those with the same keys. */
    public void add(Collection<AlertRule> inForce, Collection<CapacityThreshold> alsoInForce) {
        put(inForce, alsoInForce);
        nameTenants();
        byMetric.clear();
        bySeries.clear();
    }

    private void put(Collection<AlertRule> inForce, Collection<CapacityThreshold> alsoInForce) {
        for (AlertRule rule : inForce) {
            try {
                rules.put(rule.key(), compiled(rule));
            } catch (InvalidRuleException e) {
                // In force by an earlier release, which allowed more.
                rules.remove(rule.key());
            }
        }
        for (CapacityThreshold threshold : alsoInForce) {
            try {
                thresholds.put(threshold.key(), compiled(threshold));
            } catch (InvalidRuleException e) {
                thresholds.remove(threshold.key());
            }
        }
    }

    private void nameTenants() {
        ruleNamesOfTenants.clear();
        thresholdNamesOfTenants.clear();
        for (Compiled<AlertRule> rule : rules.values()) {
            ruleNamesOfTenants
                    .computeIfAbsent(rule.of.tenantKey(), tenant -> new HashSet<>())
                    .add(rule.of.name());
        }
        for (Compiled<CapacityThreshold> threshold : thresholds.values()) {
            thresholdNamesOfTenants
                    .computeIfAbsent(threshold.of.tenantKey(), tenant -> new HashSet<>())
                    .add(nameOf(threshold.of));
        }
    }

    /**
     * The rules for a series.
     *
     * @param series its text, which the other parts are of
     * @param tenant business key, empty for none
     */
    public RulesOfSeries of(
            String series,
            String target,
            String tenant,
            String metric,
            Map<String, String> labels) {
        Found known = bySeries.get(series);
        if (known == null) {
            String tenantKey = tenantKey(tenant);
            known =
                    new Found(
                            metric,
                            new RulesOfSeries(
                                    rules(target, tenantKey, metric, labels),
                                    thresholds(target, tenantKey, metric, labels)));
            bySeries.put(series, known);
        }
        return known.rules;
    }

    static String tenantKey(String tenant) {
        if (KEY.matcher(tenant).matches()) {
            return tenant.substring(2);
        }
        return tenant.isEmpty() ? "" : HexFormat.of().formatHex(HashKey.of(tenant));
    }

    private List<AlertRule> rules(
            String target, String tenantKey, String metric, Map<String, String> labels) {
        Set<String> ofTenant = ruleNamesOfTenants.getOrDefault(tenantKey, Set.of());
        List<AlertRule> found = new ArrayList<>();
        for (Compiled<AlertRule> candidate : byMetric(metric)) {
            AlertRule rule = candidate.of;
            boolean concerned =
                    rule.tenantKey().equals(tenantKey)
                            || (rule.tenantKey().isEmpty() && !ofTenant.contains(rule.name()));
            if (concerned
                    && matches(candidate.target, target)
                    && candidate.labels.entrySet().stream()
                            .allMatch(
                                    label ->
                                            matches(
                                                    label.getValue(),
                                                    labels.getOrDefault(label.getKey(), "")))) {
                found.add(rule);
            }
        }
        found.sort(Comparator.comparing(AlertRule::name).thenComparing(AlertRule::key));
        return List.copyOf(found);
    }

    private List<Compiled<AlertRule>> byMetric(String metric) {
        List<Compiled<AlertRule>> known = byMetric.get(metric);
        if (known == null) {
            known = rules.values().stream().filter(r -> matches(r.subject, metric)).toList();
            byMetric.put(metric, known);
        }
        return known;
    }

    private List<CapacityThreshold> thresholds(
            String target, String tenantKey, String metric, Map<String, String> labels) {
        String type = CapacityMetrics.resourceType(metric);
        if (type.isEmpty()) {
            return List.of();
        }
        return inForce(tenantKey, type, CapacityMetrics.resourceName(target, labels)).stream()
                .filter(threshold -> !Double.isNaN(threshold.percentage()))
                .toList();
    }

    /**
     * The capacity thresholds for a resource, whatever they are about, in the order of their names.
     *
     * @param tenant business key, empty for none
     * @param type STORAGE, CONNECTIONS…
     * @param name the whole of which a threshold's pattern matches
     */
    public List<CapacityThreshold> ofResource(String tenant, String type, String name) {
        return inForce(tenantKey(tenant), type, name);
    }

    private List<CapacityThreshold> inForce(String tenantKey, String type, String resource) {
        Set<String> ofTenant = thresholdNamesOfTenants.getOrDefault(tenantKey, Set.of());
        return thresholds.values().stream()
                .filter(t -> t.of.resourceType().equals(type))
                .filter(
                        t ->
                                t.of.tenantKey().equals(tenantKey)
                                        || (t.of.tenantKey().isEmpty()
                                                && !ofTenant.contains(nameOf(t.of))))
                .filter(t -> matches(t.subject, resource))
                .map(t -> t.of)
                .sorted(
                        Comparator.comparing(CapacityThreshold::name)
                                .thenComparing(CapacityThreshold::key))
                .toList();
    }

    private static String nameOf(CapacityThreshold threshold) {
        return threshold.name() + " " + threshold.level();
    }

    long matches() {
        return matches;
    }

    private boolean matches(@Nullable SafePattern pattern, String text) {
        if (pattern == null) {
            return true;
        }
        matches++;
        return pattern.matches(text);
    }

    private static Compiled<AlertRule> compiled(AlertRule rule) throws InvalidRuleException {
        return new Compiled<>(
                rule,
                SafePattern.of("metric_pattern", rule.metricPattern()),
                SafePattern.optional("target_pattern", rule.targetPattern()),
                SafePattern.all("label_matchers", rule.labelMatchers()));
    }

    private static Compiled<CapacityThreshold> compiled(CapacityThreshold threshold)
            throws InvalidRuleException {
        return new Compiled<>(
                threshold,
                SafePattern.optional("resource_pattern", threshold.resourcePattern()),
                null,
                Map.of());
    }

    private record Found(String metric, RulesOfSeries rules) {}

    private record Compiled<T>(
            T of,
            @Nullable SafePattern subject,
            @Nullable SafePattern target,
            Map<String, SafePattern> labels) {}
}
