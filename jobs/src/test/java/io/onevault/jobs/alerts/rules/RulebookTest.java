package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.RowChange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RulebookTest {

    private static final String SATELLITE = "alert_configuration_s";
    private static final String HUB = "alert_configuration_h";

    private final Map<String, RuleHistory> kept = new HashMap<>();
    private final Map<String, String> open = new TreeMap<>();
    private Rulebook book = new Rulebook(List.of());
    private long version;
    private Rulebook.Outcome last = book.resolve(0, 0);

    @Test
    void newVersionCountsWhicheverStatementCameFirst() {
        apply(Rows.hub(1, "k", "", 0), inserted("k", 1, 0, "10"));
        assertThat(inForce()).containsExactly("a: 10.0");
        apply(ended("k", 1, 2, "10"), inserted("k", 2, 0, "20"));
        assertThat(inForce()).containsExactly("a: 20.0");
        apply(inserted("k", 3, 0, "30"), ended("k", 2, 3, "20"));
        assertThat(inForce()).containsExactly("a: 30.0");
        assertThat(last.update().rules()).extracting(AlertRule::version).containsExactly(version);
        assertThat(last.update().retiredRules()).isEmpty();
    }

    @Test
    void editInPlaceEndAndDeletionAreObeyed() {
        apply(Rows.hub(1, "k", "", 0), inserted("k", 1, 0, "10"));
        apply(Rows.version(2, "UPDATE", "k", 1, 0, Rows.rule("a", "cpu", "11")));
        assertThat(inForce()).containsExactly("a: 11.0");
        apply(ended("k", 1, 2, "11"));
        assertThat(inForce()).isEmpty();
        assertThat(last.update().retiredRules()).containsExactly(Rows.key("k"));
        apply(Rows.version(2, "UPDATE", "k", 1, 0, Rows.rule("a", "cpu", "12")));
        assertThat(inForce()).containsExactly("a: 12.0");
        apply(Rows.deleted(3, SATELLITE, "k", 1));
        assertThat(inForce()).isEmpty();
        apply(inserted("k", 4, 0, "13"));
        apply(Rows.truncated(5, SATELLITE));
        assertThat(inForce()).isEmpty();
        apply(Rows.deleted(6, HUB, "k", 0));
        assertThat(kept).as("nothing is kept of a rule without rows").isEmpty();
        assertThat(open).isEmpty();
    }

    @Test
    void inactiveRuleIsNotInForceAndNotRejected() {
        Map<String, String> row = Rows.rule("a", "cpu", "10");
        row.put("is_active", "false");
        apply(Rows.hub(1, "k", "", 0), Rows.version(1, "CREATE", "k", 1, 0, row));
        assertThat(inForce()).isEmpty();
        assertThat(open).isEmpty();
        apply(inserted("k", 2, 0, "NaN"));
        assertThat(inForce()).as("nothing was in force").isEmpty();
        assertThat(open).hasSize(1);
    }

    @Test
    void invalidVersionIsRejectedAndWhatWasInForceStays() {
        apply(Rows.hub(1, "k", "", 0), inserted("k", 1, 0, "10"));
        apply(ended("k", 1, 2, "10"), inserted("k", 2, 0, "NaN"));
        assertThat(inForce()).containsExactly("a: 10.0");
        assertThat(last.changes()).isFalse();
        assertThat(last.rejections())
                .singleElement()
                .satisfies(
                        rejection -> {
                            assertThat(rejection.key()).isEqualTo(Rows.key("k"));
                            assertThat(rejection.rejectedLoadDate()).isEqualTo(Rows.day(2));
                            assertThat(rejection.rejectedHashDiff()).isEqualTo("02");
                            assertThat(rejection.reason()).startsWith("warning_threshold is NaN");
                        });
        apply(ended("k", 2, 3, "NaN"), inserted("k", 3, 0, "Infinity"));
        assertThat(inForce()).containsExactly("a: 10.0");
        restart();
        apply(Rows.version(9, "UPDATE", "k", 3, 0, Rows.rule("a", "cpu", "30")));
        assertThat(inForce()).containsExactly("a: 30.0");
        assertThat(last.rejections()).extracting(RuleRejection::reason).containsExactly("");
        apply(Rows.version(9, "UPDATE", "k", 3, 0, Rows.rule("a", "(", "30")));
        assertThat(inForce()).as("made invalid in place").containsExactly("a: 30.0");
        apply(ended("k", 3, 4, "30"));
        assertThat(inForce()).as("ended").isEmpty();
        assertThat(open).isEmpty();
    }

    @Test
    void firstSnapshotFindsTheLastValidVersionUnlessItHadEnded() {
        apply(
                Rows.hub(1, "k", "", 0),
                Rows.version(1, "READ", "k", 3, 0, Rows.rule("a", "cpu", "NaN")),
                Rows.version(1, "READ", "k", 1, 2, Rows.rule("a", "cpu", "10")),
                Rows.version(1, "READ", "k", 2, 3, Rows.rule("a", "(", "20")),
                Rows.hub(1, "gap", "", 0),
                Rows.version(1, "READ", "gap", 1, 2, Rows.rule("b", "cpu", "10")),
                Rows.version(1, "READ", "gap", 3, 0, Rows.rule("b", "cpu", "NaN")));
        assertThat(inForce()).containsExactly("a: 10.0");
        assertThat(open).hasSize(2);
    }

    @Test
    void ruleWaitsForItsHubAndFollowsItsTenant() {
        apply(inserted("k", 1, 0, "10"));
        assertThat(inForce()).isEmpty();
        assertThat(open.values())
                .containsExactly(
                        "monitoring.alert_configuration_h has no row with this hash key: insert"
                                + " it");
        apply(Rows.hub(2, "k", "acme", 0));
        assertThat(inForce()).containsExactly("a: 10.0");
        assertThat(open).isEmpty();
        assertThat(last.update().rules())
                .extracting(AlertRule::tenantKey)
                .containsExactly(Rows.key("acme"));
        apply(Rows.deleted(3, HUB, "k", 0));
        assertThat(inForce()).isEmpty();
        assertThat(open).hasSize(1);
    }

    @Test
    void secondRuleOfANameIsRejectedUntilTheFirstGoes() {
        apply(Rows.hub(1, "old", "", 1), inserted("old", 1, 0, "10"));
        apply(Rows.hub(2, "new", "", 2), inserted("new", 2, 0, "20"));
        apply(Rows.hub(2, "tenants", "acme", 2), inserted("tenants", 2, 0, "30"));
        assertThat(inForce()).containsExactlyInAnyOrder("a: 10.0", "a: 30.0");
        assertThat(open)
                .containsOnlyKeys(Rows.key("new"))
                .containsValue(
                        "alert_name a is taken by an older rule for the same tenant: choose another"
                                + " name, or change that rule");
        apply(ended("old", 1, 2, "10"));
        assertThat(inForce()).containsExactlyInAnyOrder("a: 20.0", "a: 30.0");
        assertThat(open).isEmpty();
    }

    @Test
    void renamingOntoATakenNameLeavesTheOldNameInForce() {
        apply(Rows.hub(1, "one", "", 1), inserted("one", 1, 0, "10"));
        apply(
                Rows.hub(2, "two", "", 2),
                Rows.version(2, "CREATE", "two", 2, 0, Rows.rule("b", "cpu", "20")));
        apply(Rows.version(3, "UPDATE", "two", 2, 0, Rows.rule("a", "cpu", "21")));
        assertThat(inForce()).containsExactlyInAnyOrder("a: 10.0", "b: 20.0");
        assertThat(open).containsOnlyKeys(Rows.key("two"));
    }

    @Test
    void thresholdsOfTwoLevelsMayShareAName() {
        Rows.capacity(1, "w", Rows.threshold("disk", "STORAGE", "WARNING", "70"))
                .forEach(this::note);
        Rows.capacity(1, "c", Rows.threshold("disk", "STORAGE", "CRITICAL", "90"))
                .forEach(this::note);
        Rows.capacity(1, "d", Rows.threshold("disk", "STORAGE", "CRITICAL", "99"))
                .forEach(this::note);
        apply();
        assertThat(last.update().thresholds()).hasSize(2);
        assertThat(open.values())
                .singleElement()
                .asString()
                .startsWith("threshold_name disk CRITICAL is taken");
    }

    @Test
    void noMoreRulesComeIntoForceThanTheBound() {
        book = new Rulebook(List.of(), 2);
        for (String key : List.of("r1", "r2", "r3")) {
            note(Rows.hub(1, key, "", key.charAt(1) - '0'));
            note(Rows.version(1, "CREATE", key, 1, 0, Rows.rule(key, "cpu", "1")));
        }
        apply();
        assertThat(inForce()).containsExactlyInAnyOrder("r1: 1.0", "r2: 1.0");
        assertThat(open).containsOnlyKeys(Rows.key("r3"));
    }

    @Test
    void valueThatWasNotSentIsTheOneKnownOfThatVersion() {
        Map<String, String> row = Rows.rule("a", "cpu", "10");
        row.put("message_template", "long");
        apply(Rows.hub(1, "k", "", 0), Rows.version(1, "CREATE", "k", 1, 0, row));
        apply(updatedWithoutTemplate("k", "11"));
        assertThat(last.update().rules())
                .singleElement()
                .satisfies(
                        rule -> {
                            assertThat(rule.messageTemplate()).isEqualTo("long");
                            assertThat(rule.warning()).isEqualTo(11);
                        });
        apply(Rows.hub(2, "other", "", 0), updatedWithoutTemplate("other", "11"));
        assertThat(open.get(Rows.key("other")))
                .startsWith("message_template is not known, because the change left it as it was");
    }

    @Test
    void completeSnapshotForgetsWhatItDoesNotList() {
        apply(Rows.hub(1, "stays", "", 0), inserted("stays", 1, 0, "10"));
        apply(
                Rows.hub(1, "goes", "", 0),
                Rows.version(1, "CREATE", "goes", 1, 0, Rows.rule("b", "cpu", "20")));
        book.apply(Rows.hub(50, "stays", "", 0), 50);
        book.apply(Rows.version(50, "READ", "stays", 1, 0, Rows.rule("a", "cpu", "10")), 50);
        book.confirm(50);
        apply();
        assertThat(inForce()).containsExactly("a: 10.0");
        assertThat(last.update().rules()).as("the same rule keeps its version").isEmpty();
        assertThat(kept).hasSize(1);
    }

    @Test
    void historyIsBounded() {
        apply(Rows.hub(1, "k", "", 0));
        for (int day = 1; day < 100; day++) {
            apply(inserted("k", day, 0, "NaN"));
            assertThat(kept.values())
                    .allSatisfy(h -> assertThat(h.versions()).hasSizeLessThanOrEqualTo(8));
        }
        apply(inserted("k", 200, 0, "x".repeat(1_000_000)));
        assertThat(kept.values().iterator().next().versions().get(0).values().values())
                .allSatisfy(text -> assertThat(text).hasSizeLessThan(20_002));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyOrderOfTheSameVersionsGivesTheSameRulebook(long seed) {
        Random random = new Random(seed);
        List<RowChange> changes = new ArrayList<>();
        for (int r = 0; r < 12; r++) {
            String key = "rule-" + r;
            if (random.nextInt(8) > 0) {
                changes.add(Rows.hub(1, key, random.nextBoolean() ? "" : "acme", r / 2));
            }
            int versions = 1 + random.nextInt(6);
            for (int v = 1; v <= versions; v++) {
                Map<String, String> row = new LinkedHashMap<>();
                row.putAll(Rows.rule("name-" + random.nextInt(5), "cpu", String.valueOf(v)));
                row.put("is_active", String.valueOf(random.nextInt(6) > 0));
                if (random.nextInt(3) == 0) {
                    row.put("direction", "SIDEWAYS");
                }
                boolean stays = v == versions && random.nextInt(4) > 0;
                changes.add(Rows.version(1, "CREATE", key, v, stays ? 0 : v + 1, row));
            }
        }
        String expected = outcomeOf(changes, changes.size());
        assertThat(expected).contains("IN FORCE", "REJECTED");
        for (int i = 0; i < 20; i++) {
            Collections.shuffle(changes, random);
            assertThat(outcomeOf(changes, changes.size())).isEqualTo(expected);
            assertThat(outcomeOf(changes, 1)).isEqualTo(expected);
            assertThat(outcomeOf(changes, 3)).isEqualTo(expected);
        }
    }

    /** What stands in the end, decided after every so many changes. */
    private static String outcomeOf(List<RowChange> changes, int together) {
        Rulebook fresh = new Rulebook(List.of());
        Map<String, String> result = new TreeMap<>();
        for (int i = 0; i < changes.size(); i++) {
            fresh.apply(changes.get(i), 0);
            if ((i + 1) % together == 0 || i + 1 == changes.size()) {
                Rulebook.Outcome outcome = fresh.resolve(1, 1);
                outcome.update()
                        .rules()
                        .forEach(r -> result.put(r.key(), "IN FORCE " + r.name() + r.warning()));
                outcome.update().retiredRules().forEach(result::remove);
                outcome.rejections()
                        .forEach(r -> result.put("!" + r.key(), "REJECTED " + r.reason()));
                result.values().removeIf("REJECTED "::equals);
            }
        }
        return result.toString();
    }

    private static RowChange inserted(String key, int from, int to, String warning) {
        return Rows.version(from, "CREATE", key, from, to, Rows.rule("a", "cpu", warning));
    }

    private static RowChange ended(String key, int from, int to, String warning) {
        return Rows.version(to, "UPDATE", key, from, to, Rows.rule("a", "cpu", warning));
    }

    private static RowChange updatedWithoutTemplate(String key, String warning) {
        Map<String, String> row = Rows.rule("a" + key, "cpu", warning);
        row.put("alert_configuration_hk", "\\x" + Rows.key(key));
        row.put("load_date", Rows.day(1));
        return Rows.change(3, "monitoring", SATELLITE, "UPDATE", row, List.of("message_template"));
    }

    private void note(RowChange change) {
        book.apply(change, 0);
    }

    private void apply(RowChange... changes) {
        for (RowChange change : changes) {
            note(change);
        }
        last = book.resolve(++version, 1_000 + version);
        for (RuleRejection rejection : last.rejections()) {
            open.put(rejection.key(), rejection.reason());
            open.values().removeIf(String::isEmpty);
        }
        for (Map.Entry<String, @Nullable RuleHistory> change : book.drainChanges().entrySet()) {
            RuleHistory history = change.getValue();
            if (history == null) {
                kept.remove(change.getKey());
            } else {
                kept.put(change.getKey(), history);
            }
        }
    }

    private void restart() {
        book = new Rulebook(kept.values());
        apply();
        assertThat(last.changes()).isFalse();
        assertThat(last.rejections()).isEmpty();
    }

    private List<String> inForce() {
        List<String> rules = new ArrayList<>();
        for (RuleHistory history : kept.values()) {
            AlertRule rule = history.rule();
            if (rule != null) {
                rules.add(rule.name() + ": " + rule.warning());
            }
        }
        return rules;
    }
}
