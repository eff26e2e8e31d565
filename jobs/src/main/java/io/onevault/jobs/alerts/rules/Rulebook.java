package io.onevault.jobs.alerts.rules;

import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which rules and silences are in force, given the rows of the vault that are known.
 *
 * <p>Of a rule the version with the greatest load date counts. Open, valid and active, it is in
 * force. Open and invalid, it is rejected, and what was in force stays: the latest valid version
 * that was current when its successor began, or what the row said before it was changed in place.
 * With an end date, be it in the future, the rule is ended; without its rows it is gone. A rule
 * whose hub row is missing is not in force and rejected until that comes.
 *
 * <p>Of two rules with one name and tenant (thresholds also with one level) the one with the
 * earlier hub row, or else the smaller hash key, has the name; the other is rejected.
 *
 * <p>Of each rule the latest {@value RuleHistory#MAX_VERSIONS} versions count. In whatever order
 * the same versions become known, the same rules are in force in the end. Not thread-safe.
 */
public final class Rulebook {

    /** In force of each kind; what comes after is rejected. */
    static final int MAX_RULES = 5_000;

    /** How long a silence is remembered after its end: a day, for values that come late. */
    static final long KEPT_MILLIS = 86_400_000;

    private static final Comparator<RuleHistory> BY_AGE =
            Comparator.comparingLong(RuleHistory::hubLoadDate).thenComparing(RuleHistory::key);

    private final int maxRules;
    private final Map<String, RuleHistory> histories = new HashMap<>();
    private final Set<String> touched = new LinkedHashSet<>();

    /** The very row that each rule in force was read from, so that none is read twice. */
    private final Map<String, Map<String, String>> sources = new HashMap<>();

    public Rulebook(Collection<RuleHistory> known) {
        this(known, MAX_RULES);
    }

    Rulebook(Collection<RuleHistory> known, int maxRules) {
        known.forEach(history -> histories.put(id(history.kind(), history.key()), history));
        this.maxRules = maxRules;
    }

    /** A rule's place among those of both kinds. */
    private static String id(RuleKind kind, String key) {
        return kind + "|" + key;
    }

    /** Hexadecimal digits of a {@code bytea} in the server's text form; empty for anything else. */
    static String hex(String bytea) {
        return bytea.startsWith("\\x") ? bytea.substring(2) : "";
    }

    /** Takes note of a change; rows of other tables are none of its business. */
    public void apply(RowChange change, long snapshot) {
        for (RuleKind kind : RuleKind.values()) {
            if (kind.has(change)) {
                apply(kind, change, snapshot);
            }
        }
    }

    private void apply(RuleKind kind, RowChange change, long snapshot) {
        boolean ofHub = change.table().equals(kind.hub());
        if (change.operation().equals("TRUNCATE")) {
            for (RuleHistory history : List.copyOf(histories.values())) {
                if (history.kind() == kind) {
                    put(ofHub ? history.withoutHub() : history.withVersions(List.of()));
                }
            }
            return;
        }
        List<FieldValue> after = change.after();
        List<FieldValue> before = change.before() == null ? change.key() : change.before();
        // The server tells the old key only when it changed.
        if (after == null || (change.before() != null && !sameRow(kind, ofHub, before, after))) {
            remove(kind, ofHub, before);
        }
        if (after != null) {
            add(kind, ofHub, after, snapshot);
        }
    }

    private static boolean sameRow(
            RuleKind kind, boolean ofHub, List<FieldValue> one, List<FieldValue> other) {
        return Objects.equals(text(one, kind.keyColumn()), text(other, kind.keyColumn()))
                && (ofHub || Objects.equals(text(one, "load_date"), text(other, "load_date")));
    }

    private void remove(RuleKind kind, boolean ofHub, List<FieldValue> row) {
        RuleHistory known = histories.get(id(kind, hex(textOf(row, kind.keyColumn()))));
        if (known != null) {
            put(
                    ofHub
                            ? known.withoutHub()
                            : known.without(RuleVersion.micros(textOf(row, "load_date"))));
        }
    }

    private void add(RuleKind kind, boolean ofHub, List<FieldValue> row, long snapshot) {
        String key = hex(textOf(row, kind.keyColumn()));
        RuleHistory known = histories.getOrDefault(id(kind, key), RuleHistory.unknown(kind, key));
        if (ofHub) {
            long loadDate = RuleVersion.micros(textOf(row, "load_date"));
            put(known.withHub(hex(textOf(row, "tenant_hk")), loadDate, snapshot));
        } else {
            RuleVersion before = known.version(RuleVersion.micros(textOf(row, "load_date")));
            put(known.with(RuleVersion.of(kind, row, before, snapshot)));
        }
    }

    private static String textOf(List<FieldValue> row, String column) {
        String text = text(row, column);
        return text == null ? "" : text;
    }

    private static @Nullable String text(List<FieldValue> row, String column) {
        for (FieldValue field : row) {
            if (field.name().equals(column)) {
                return field.text();
            }
        }
        return null;
    }

    /** A snapshot is complete: what it did not list is gone. */
    public void confirm(long snapshot) {
        for (RuleHistory history : List.copyOf(histories.values())) {
            put(history.confirmedBy(snapshot));
        }
    }

    /**
     * Decides what is in force now.
     *
     * @param version of the rules that come into force
     * @param at time of rejections, milliseconds since the epoch
     */
    public Outcome resolve(long version, long at) {
        Outcome outcome =
                new Outcome(
                        new RuleUpdate(
                                version,
                                new ArrayList<>(),
                                new ArrayList<>(),
                                new ArrayList<>(),
                                new ArrayList<>(),
                                new ArrayList<>(),
                                new ArrayList<>()),
                        new ArrayList<>());
        for (RuleKind kind : RuleKind.values()) {
            Set<String> names = new HashSet<>();
            for (RuleHistory history :
                    histories.values().stream()
                            .filter(h -> h.kind() == kind)
                            .sorted(BY_AGE)
                            .toList()) {
                put(resolve(history, names, version, at, outcome));
            }
        }
        return outcome;
    }

    private RuleHistory resolve(
            RuleHistory history, Set<String> names, long version, long at, Outcome outcome) {
        RuleVersion current = history.current();
        String problem = current == null ? "" : problem(history, current, names);
        Content content = null;
        if (current != null && history.hub()) {
            if (problem.isEmpty()) {
                content = current.isActive() ? content(history, current.values(), version) : null;
            } else if (current.isActive()) {
                content = stays(history, current, names, version);
            }
        }
        if (content != null) {
            names.add(history.tenantKey() + '|' + content.name());
        }
        Content now = content == null ? Content.NONE : content;
        tell(history, now, outcome.update());
        return history.resolved(
                now.rule(),
                now.threshold(),
                now.silence(),
                rejection(history, current, problem, at, outcome));
    }

    private String problem(RuleHistory history, RuleVersion current, Set<String> names) {
        if (!current.isValid()) {
            return current.problem();
        }
        if (!history.hub()) {
            String what = "%s has no row with this hash key: insert it";
            return (history.kind() == RuleKind.SILENCE
                            ? what + ", or a silence of its own where this one was over"
                            : what)
                    .formatted(history.kind().qualifiedHub());
        }
        String name = history.nameOf(current.values());
        if (current.isActive() && names.contains(history.tenantKey() + '|' + name)) {
            return "%s %s is taken by an older rule for the same tenant: choose another name, or change that rule"
                    .formatted(history.kind().nameColumn(), RuleRow.quoted(name));
        }
        if (current.isActive() && names.size() >= maxRules) {
            return "%d rules are in force already, which is the most there may be: end one first"
                    .formatted(maxRules);
        }
        return "";
    }

    private boolean mayHave(RuleHistory history, @Nullable Content content, Set<String> names) {
        return content != null
                && names.size() < maxRules
                && !names.contains(history.tenantKey() + '|' + content.name());
    }

    /**
     * What is in force while the current version is not. Where somebody spoiled the very row that
     * was in force, no row tells any more, only memory does.
     */
    private @Nullable Content stays(
            RuleHistory history, RuleVersion current, Set<String> names, long version) {
        Content inForce = Content.of(history);
        Content remembered = inForce.equals(Content.NONE) ? null : inForce;
        if (current.wasValid() && mayHave(history, remembered, names)) {
            return remembered;
        }
        for (RuleVersion before : history.predecessors()) {
            if (!before.isActive()) {
                return null;
            }
            Content content = content(history, before.values(), version);
            if (mayHave(history, content, names)) {
                return content;
            }
        }
        return mayHave(history, remembered, names) ? remembered : null;
    }

    /** The rule that a valid row is; the one already in force when it says the same. */
    private @Nullable Content content(
            RuleHistory history, Map<String, String> values, long version) {
        Content now = Content.of(history);
        String id = id(history.kind(), history.key());
        if (now.isOf(history.tenantKey()) && sources.get(id) == values) {
            return now;
        }
        try {
            sources.put(id, values);
            Content same = read(history, values, now.version());
            return same.equals(now) ? now : read(history, values, version);
        } catch (InvalidRuleException e) {
            // Found valid by an earlier release.
            return null;
        }
    }

    private static Content read(RuleHistory history, Map<String, String> values, long version)
            throws InvalidRuleException {
        String key = history.key();
        String tenant = history.tenantKey();
        return switch (history.kind()) {
            case ALERT ->
                    new Content(AlertRuleReader.read(key, tenant, version, values), null, null);
            case CAPACITY ->
                    new Content(
                            null, CapacityThresholdReader.read(key, tenant, version, values), null);
            case SILENCE ->
                    new Content(null, null, SilenceReader.read(key, tenant, version, values));
        };
    }

    private static void tell(RuleHistory history, Content now, RuleUpdate update) {
        Content before = Content.of(history);
        tell(history.key(), before.rule(), now.rule(), update.rules(), update.retiredRules());
        tell(
                history.key(),
                before.threshold(),
                now.threshold(),
                update.thresholds(),
                update.retiredThresholds());
        tell(
                history.key(),
                before.silence(),
                now.silence(),
                update.silences(),
                update.retiredSilences());
    }

    private static <T> void tell(
            String key,
            @Nullable T before,
            @Nullable T now,
            List<T> inForce,
            List<String> retired) {
        if (now != null && !now.equals(before)) {
            inForce.add(now);
        }
        if (now == null && before != null) {
            retired.add(key);
        }
    }

    private static @Nullable RuleRejection rejection(
            RuleHistory history,
            @Nullable RuleVersion current,
            String problem,
            long at,
            Outcome outcome) {
        RuleRejection last = history.rejection();
        if (problem.isEmpty() && (last == null || last.reason().isEmpty())) {
            return last;
        }
        long after = last == null ? at : Math.max(at, last.at() + 1);
        RuleRejection said =
                new RuleRejection(
                        history.kind(),
                        history.key(),
                        after,
                        current == null && last != null
                                ? last.rejectedLoadDate()
                                : Objects.requireNonNull(current).loadDateText(),
                        current == null && last != null
                                ? last.rejectedHashDiff()
                                : Objects.requireNonNull(current).hashDiff(),
                        problem);
        if (last != null && said.saysTheSameAs(last)) {
            return last;
        }
        outcome.rejections().add(said);
        return said;
    }

    private void put(RuleHistory history) {
        String id = id(history.kind(), history.key());
        RuleHistory known;
        if (history.isForgotten()) {
            known = histories.remove(id);
            sources.remove(id);
        } else {
            known = histories.put(id, history);
        }
        if (!history.equals(known)) {
            touched.add(id);
        }
    }

    /**
     * Forgets silences that were over {@value #KEPT_MILLIS} ms ago, for rows of them stay in the
     * vault for ever. Values that come later than that are not silenced by them.
     */
    public void forgetOver(long now) {
        for (RuleHistory history : List.copyOf(histories.values())) {
            if (history.over() < now - KEPT_MILLIS) {
                put(history.withoutHub().withVersions(List.of()));
            }
        }
    }

    /** When a silence in force can be forgotten next; {@link Long#MAX_VALUE} for none. */
    public long nextForgotten() {
        long next = Long.MAX_VALUE;
        for (RuleHistory history : histories.values()) {
            if (history.silence() != null && history.over() != Long.MAX_VALUE) {
                next = Math.min(next, history.over() + KEPT_MILLIS + 1);
            }
        }
        return next;
    }

    /** Which histories changed since this was last asked, with null for those forgotten. */
    public Map<String, @Nullable RuleHistory> drainChanges() {
        Map<String, @Nullable RuleHistory> changes = new HashMap<>();
        touched.forEach(id -> changes.put(id, histories.get(id)));
        touched.clear();
        return changes;
    }

    /**
     * What a decision brings.
     *
     * @param update may be without content
     * @param rejections new ones, and ends of earlier ones
     */
    public record Outcome(RuleUpdate update, List<RuleRejection> rejections) {

        /** Whether the rules in force are others than before. */
        public boolean changes() {
            return update.changesRules() || update.changesSilences();
        }
    }

    /** A rule of one of the kinds, or none. */
    private record Content(
            @Nullable AlertRule rule,
            @Nullable CapacityThreshold threshold,
            @Nullable Silence silence) {

        static final Content NONE = new Content(null, null, null);

        static Content of(RuleHistory history) {
            return new Content(history.rule(), history.threshold(), history.silence());
        }

        /** What no other rule for the same tenant may have. */
        String name() {
            if (rule != null) {
                return rule.name();
            }
            return threshold != null
                    ? threshold.name() + " " + threshold.level()
                    : Objects.requireNonNull(silence).key();
        }

        boolean isOf(String tenantKey) {
            if (rule != null) {
                return rule.tenantKey().equals(tenantKey);
            }
            return threshold != null
                    ? threshold.tenantKey().equals(tenantKey)
                    : silence != null && silence.tenantKey().equals(tenantKey);
        }

        long version() {
            if (rule != null) {
                return rule.version();
            }
            return threshold != null
                    ? threshold.version()
                    : silence == null ? 0 : silence.version();
        }
    }
}
