package io.onevault.jobs.alerts.rules;

import io.onevault.connectors.model.SeriesId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the silence that covers an alert at a moment. Expressions are matched once for each rule
 * and series that is asked for, and again when a silence changes; answers are kept for as many as
 * were asked for last. Not thread-safe.
 */
public final class SilenceIndex {

    private static final int MAX_ANSWERS = 20_000;

    private static final Comparator<Silence> LASTING =
            Comparator.comparingLong(Silence::until).thenComparing(Silence::key);

    private final Map<String, Compiled> silences = new HashMap<>();
    private final Map<String, List<Silence>> answers = new Recent<>(MAX_ANSWERS);

    /** Adds silences, or replaces those with the same keys. */
    public void add(Collection<Silence> known) {
        for (Silence silence : known) {
            try {
                silences.put(silence.key(), compiled(silence));
            } catch (InvalidRuleException e) {
                // In force by an earlier release, which allowed more.
                silences.remove(silence.key());
            }
        }
        answers.clear();
    }

    public void remove(Collection<String> keys) {
        keys.forEach(silences::remove);
        answers.clear();
    }

    /**
     * The silence that covers the rule's alert of the series at the moment; of several the one that
     * ends last. Null for none.
     */
    public @Nullable Silence over(AlertRule rule, String series, SeriesId id, long time) {
        if (silences.isEmpty()) {
            return null;
        }
        List<Silence> known =
                answers.computeIfAbsent(
                        rule.key() + "|" + rule.name() + "|" + series, key -> matching(rule, id));
        Silence last = null;
        for (Silence silence : known) {
            if (silence.counts(time) && (last == null || LASTING.compare(silence, last) > 0)) {
                last = silence;
            }
        }
        return last;
    }

    private List<Silence> matching(AlertRule rule, SeriesId id) {
        String tenant = RuleIndex.tenantKey(id.tenant());
        List<Silence> matching = new ArrayList<>();
        for (Compiled silence : silences.values()) {
            boolean reaches =
                    silence.of.tenantKey().isEmpty() || silence.of.tenantKey().equals(tenant);
            if (reaches
                    && matches(silence.rule, rule.name())
                    && matches(silence.metric, id.metric())
                    && matches(silence.target, id.target())
                    && silence.labels.entrySet().stream()
                            .allMatch(
                                    label ->
                                            matches(
                                                    label.getValue(),
                                                    id.labels()
                                                            .getOrDefault(label.getKey(), "")))) {
                matching.add(silence.of);
            }
        }
        return matching;
    }

    private static boolean matches(@Nullable SafePattern pattern, String text) {
        return pattern == null || pattern.matches(text);
    }

    private static Compiled compiled(Silence silence) throws InvalidRuleException {
        return new Compiled(
                silence,
                SafePattern.optional("alert_pattern", silence.rulePattern()),
                SafePattern.optional("metric_pattern", silence.metricPattern()),
                SafePattern.optional("target_pattern", silence.targetPattern()),
                SafePattern.all("label_matchers", silence.labelMatchers()));
    }

    private record Compiled(
            Silence of,
            @Nullable SafePattern rule,
            @Nullable SafePattern metric,
            @Nullable SafePattern target,
            Map<String, SafePattern> labels) {}
}
