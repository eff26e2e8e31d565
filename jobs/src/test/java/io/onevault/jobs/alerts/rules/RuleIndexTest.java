package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleIndexTest {

    private final RuleIndex index = new RuleIndex();

    @Test
    void metricTargetAndLabelsMustAllMatch() throws Exception {
        Map<String, String> row = Rows.rule("a", "disk_.*", "10");
        row.put("target_pattern", "prod-.*");
        row.put("label_matchers", "{\"mount\": \"/data.*\", \"absent\": \"\"}");
        index.add(List.of(rule("k", "", row)), List.of());
        assertThat(names("prod-1", "", "disk_usage_pct", Map.of("mount", "/data1")))
                .containsExactly("a");
        assertThat(names("prod-2", "", "cpu", Map.of("mount", "/data1"))).isEmpty();
        assertThat(names("test-1", "", "disk_usage_pct", Map.of("mount", "/data1"))).isEmpty();
        assertThat(names("prod-3", "", "disk_usage_pct", Map.of("mount", "/"))).isEmpty();
        assertThat(names("prod-4", "", "disk_usage_pct", Map.of("mount", "/data", "absent", "x")))
                .isEmpty();
    }

    @Test
    void tenantsRuleReplacesTheGeneralOneOfItsName() throws Exception {
        AlertRule general = rule("g", "", Rows.rule("sessions", "sessions_.*", "10"));
        AlertRule other = rule("o", "", Rows.rule("other", "sessions_.*", "5"));
        AlertRule acmes = rule("t", "acme", Rows.rule("sessions", "sessions_by_tenant", "99"));
        index.add(List.of(general, other, acmes), List.of());
        assertThat(of("prod", "acme", "sessions_by_tenant", Map.of()).rules())
                .containsExactly(other, acmes);
        assertThat(of("prod", "acme", "sessions_else", Map.of()).rules())
                .as("replaced, although its own pattern does not match")
                .containsExactly(other);
        assertThat(of("prod", "zeta", "sessions_by_tenant", Map.of()).rules())
                .containsExactly(other, general);
        assertThat(of("prod", "", "sessions_by_tenant", Map.of()).rules())
                .containsExactly(other, general);
        index.apply(new RuleUpdate(2, List.of(), List.of(), List.of(acmes.key()), List.of()));
        assertThat(of("prod", "acme", "sessions_by_tenant", Map.of()).rules())
                .containsExactly(other, general);
    }

    @Test
    void thresholdsConcernTheMetricOfTheirResource() throws Exception {
        CapacityThreshold disk =
                CapacityThresholdReader.read(
                        "d", "", 1, Rows.threshold("disk", "STORAGE", "WARNING", "70"));
        Map<String, String> row = Rows.threshold("ids", "SEQUENCE", "WARNING", "50");
        row.put("resource_pattern", "app\\.public\\..*_id_seq");
        CapacityThreshold ids = CapacityThresholdReader.read("s", "", 1, row);
        Map<String, String> days = Rows.threshold("days", "STORAGE", "WARNING", null);
        days.put("days_to_capacity", "30");
        CapacityThreshold forecast = CapacityThresholdReader.read("f", "", 1, days);
        index.add(List.of(), List.of(disk, ids, forecast));
        assertThat(of("prod", "", "disk_usage_pct", Map.of()).thresholds()).containsExactly(disk);
        assertThat(of("prod", "", "disk_free_bytes", Map.of()).thresholds()).isEmpty();
        Map<String, String> sequence =
                Map.of("database", "app", "schema", "public", "sequence", "order_id_seq");
        assertThat(of("prod", "", "sequence_used_pct", sequence).thresholds()).containsExactly(ids);
        assertThat(of("prod2", "", "sequence_used_pct", Map.of("database", "x")).thresholds())
                .isEmpty();
    }

    @Test
    void expressionsAreMatchedOnceUntilARuleChanges() throws Exception {
        List<AlertRule> rules = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            rules.add(rule("r" + i, "", Rows.rule("r" + i, "metric_" + i % 100 + "(_x)?", "1")));
        }
        index.add(rules, List.of());
        for (int round = 0; round < 3; round++) {
            for (int series = 0; series < 10_000; series++) {
                String metric = "metric_" + series % 100;
                assertThat(of("target-" + series, "", metric, Map.of()).rules()).hasSize(10);
            }
        }
        assertThat(index.matches()).as("each rule against each metric").isEqualTo(100_000);
        AlertRule changed = rule("r7", "", Rows.rule("r7", "nothing", "1"));
        index.apply(new RuleUpdate(2, List.of(changed), List.of(), List.of(), List.of()));
        for (int series = 0; series < 10_000; series++) {
            assertThat(of("target-" + series, "", "metric_" + series % 100, Map.of()).rules())
                    .hasSize(series % 100 == 7 ? 9 : 10);
        }
        assertThat(index.matches()).as("the changed rule against each metric").isEqualTo(100_100);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void changedIndexAnswersAsOneMadeAnew(long seed) throws Exception {
        Random random = new Random(seed);
        Map<String, AlertRule> rules = new HashMap<>();
        Map<String, CapacityThreshold> thresholds = new HashMap<>();
        for (int step = 1; step < 200; step++) {
            String key = "k" + random.nextInt(12);
            String tenant = random.nextBoolean() ? "" : "acme";
            List<AlertRule> changed = new ArrayList<>();
            List<CapacityThreshold> adjusted = new ArrayList<>();
            boolean gone = random.nextInt(4) == 0;
            boolean capacity = random.nextInt(4) == 0;
            if (!gone && capacity) {
                String type = random.nextBoolean() ? "CPU" : "STORAGE";
                adjusted.add(
                        CapacityThresholdReader.read(
                                key,
                                tenant.isEmpty() ? "" : Rows.key(tenant),
                                step,
                                Rows.threshold(
                                        "n" + random.nextInt(3),
                                        type,
                                        "WARNING",
                                        "" + (1 + step % 99))));
                thresholds.put(key, adjusted.get(0));
            } else if (!gone) {
                String metric = List.of("cpu.*", ".*", "disk_usage_pct").get(random.nextInt(3));
                changed.add(
                        rule(key, tenant, Rows.rule("n" + random.nextInt(4), metric, "" + step)));
                rules.put(key, changed.get(0));
            }
            List<String> retired = gone ? List.of(key) : List.of();
            if (gone) {
                rules.remove(key);
                thresholds.remove(key);
            }
            index.apply(new RuleUpdate(step, changed, adjusted, retired, retired));
            RuleIndex anew = new RuleIndex();
            anew.add(rules.values(), thresholds.values());
            for (String metric : List.of("cpu_usage_pct", "disk_usage_pct", "other")) {
                for (String whose : List.of("", "acme", "zeta")) {
                    assertThat(of("prod", whose, metric, Map.of()))
                            .isEqualTo(
                                    anew.of(
                                            "prod|" + whose + "|" + metric,
                                            "prod",
                                            whose,
                                            metric,
                                            Map.of()));
                }
            }
        }
    }

    private List<String> names(
            String target, String tenant, String metric, Map<String, String> labels) {
        return of(target, tenant, metric, labels).rules().stream().map(AlertRule::name).toList();
    }

    private RulesOfSeries of(
            String target, String tenant, String metric, Map<String, String> labels) {
        return index.of(
                target + "|" + tenant + "|" + metric + labels, target, tenant, metric, labels);
    }

    private static AlertRule rule(String key, String tenant, Map<String, String> row)
            throws InvalidRuleException {
        return AlertRuleReader.read(key, tenant.isEmpty() ? "" : Rows.key(tenant), 1, row);
    }
}
