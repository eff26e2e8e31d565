package io.onevault.jobs.alerts.inhibition;

import io.onevault.jobs.alerts.lifecycle.AlertSubject;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * An alert that holds and may explain others.
 *
 * @param key of the alert
 * @param series text of its series' id
 * @param ruleKey hash key of its rule's hub, hexadecimal
 * @param ruleName what other rules' {@code inhibited_by} name
 * @param metric of its series
 * @param explains its rule's pattern; may be empty
 * @param tenant empty for none
 * @param target that it is about
 * @param head whether that target stands for all that belong together with it
 * @param labels of its series
 * @param firedAt on the watched server's clock, milliseconds since the epoch
 * @param critical whether it is
 * @param silenced whether somebody silenced it, so that nobody hears of it
 * @param explainedBy key of the alert that explains this one; empty for none
 * @param explained how many alerts it explains, by the names of their rules
 */
public record Cause(
        String key,
        String series,
        String ruleKey,
        String ruleName,
        String metric,
        String explains,
        String tenant,
        String target,
        boolean head,
        Map<String, String> labels,
        long firedAt,
        boolean critical,
        boolean silenced,
        String explainedBy,
        Map<String, Integer> explained) {

    private static final int MOST_NAMES = 5;

    /** State from before causes had labels has none. */
    public Cause {
        labels = labels == null ? Map.of() : labels;
    }

    /**
     * Whether it may concern an alert of its target, or of one that belongs together with it: a
     * server's trouble is seen at its pool, and not the other way round.
     */
    boolean reaches(AlertSubject symptom) {
        return reaches(symptom.ruleKey(), symptom.target(), symptom.tenant(), symptom.labels());
    }

    /** The same of another cause. */
    boolean reaches(Cause other) {
        return reaches(other.ruleKey, other.target, other.tenant, other.labels);
    }

    private boolean reaches(
            String otherRule,
            String otherTarget,
            String otherTenant,
            Map<String, String> otherLabels) {
        return !ruleKey.equals(otherRule)
                && (head || target.equals(otherTarget))
                && (tenant.isEmpty() || tenant.equals(otherTenant))
                && labels.entrySet().stream()
                        .allMatch(
                                label ->
                                        otherLabels
                                                .getOrDefault(label.getKey(), label.getValue())
                                                .equals(label.getValue()));
    }

    /** Whether those who hear of critical alerts alone hear of it, so that it stands for such. */
    boolean speaksForCritical() {
        return critical && !silenced;
    }

    /** Whether what the other one explained must be asked for anew. */
    boolean explainsLessThan(Cause before) {
        return before.speaksForCritical() && !speaksForCritical()
                || !explains.equals(before.explains);
    }

    Cause explainedBy(String cause) {
        return with(cause, explained);
    }

    Cause counting(Map<String, Integer> counts) {
        return with(explainedBy, counts);
    }

    /** One more, or one less, of a rule's alerts. */
    Cause counting(String rule, int by) {
        Map<String, Integer> counts = new HashMap<>(explained);
        int count = counts.getOrDefault(rule, 0) + by;
        if (count > 0) {
            counts.put(rule, count);
        } else {
            counts.remove(rule);
        }
        return with(explainedBy, counts);
    }

    private Cause with(String cause, Map<String, Integer> counts) {
        return new Cause(
                key, series, ruleKey, ruleName, metric, explains, tenant, target, head, labels,
                firedAt, critical, silenced, cause, counts);
    }

    /** What its message says of those it explains; empty for none. */
    String words() {
        int all = explained.values().stream().mapToInt(Integer::intValue).sum();
        if (all == 0) {
            return "";
        }
        String names =
                new TreeMap<>(explained)
                        .entrySet().stream()
                                .limit(MOST_NAMES)
                                .map(
                                        rule ->
                                                rule.getValue() == 1
                                                        ? rule.getKey()
                                                        : rule.getKey()
                                                                + " ("
                                                                + rule.getValue()
                                                                + ")")
                                .collect(Collectors.joining(", "));
        String more = explained.size() > MOST_NAMES ? ", …" : "";
        return "; explains %d %s: %s%s".formatted(all, all == 1 ? "other" : "others", names, more);
    }
}
