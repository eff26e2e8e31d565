package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.testing.TestRule;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of silences, and whom they reach. */
class SilencesTest {

    private static final Map<String, String> GOOD =
            Map.of(
                    "starts_at", "2026-11-18T12:00:00Z",
                    "ends_at", "2026-11-18T14:00:00Z",
                    "alert_pattern", "disk.*",
                    "created_by", "ann",
                    "reason", "new disks");

    private final SilenceIndex index = new SilenceIndex();

    @Test
    void rowBecomesASilence() throws Exception {
        Map<String, String> row = new HashMap<>(GOOD);
        row.put("label_matchers", "{\"database\": \"app_.*\"}");
        row.put("metric_pattern", ".*_pct");
        row.put("target_pattern", "shop");
        assertThat(SilenceReader.read("k", "t", 7, row))
                .isEqualTo(
                        new Silence(
                                "k",
                                "t",
                                7,
                                "disk.*",
                                ".*_pct",
                                "shop",
                                Map.of("database", "app_.*"),
                                millis("2026-11-18T12:00:00Z"),
                                millis("2026-11-18T14:00:00Z"),
                                "ann",
                                "new disks"));
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(Silence.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "ends_at; 2026-11-18T12:00:00Z; is not after starts_at",
                "ends_at; 2027-11-20T12:00:00Z; more than a year",
                "ends_at; infinity; ends_at is infinity: set a moment",
                "starts_at; -infinity; starts_at is -infinity: set a moment",
                "reason; ' '; reason is empty",
                "alert_pattern; (; is not a regular expression",
                "alert_pattern; ((a{200}){200}){200}; repeats too much",
                "metric_pattern; (?=x); look-around",
                "alert_pattern; ''; none of alert_pattern",
                "label_matchers; [1]; is not a JSON object",
            })
    void whatCannotBeObeyedIsRejectedWithTheRemedy(String column, String text, String reason) {
        Map<String, String> row = new HashMap<>(GOOD);
        row.put(column, text);
        assertThat(problem(row)).contains(reason);
    }

    @Test
    void allThatItNamesMustMatch() throws Exception {
        add("rule", "", Map.of("alert_pattern", "disk"));
        assertThat(over("disk", "prod", "", "used_pct", Map.of())).isEqualTo("rule");
        assertThat(over("disk full", "prod", "", "used_pct", Map.of())).isEmpty();
        add("target", "", Map.of("alert_pattern", ".*", "target_pattern", "test-.*"));
        assertThat(over("other", "test-1", "", "used_pct", Map.of())).isEqualTo("target");
        assertThat(over("other", "prod", "", "used_pct", Map.of())).isEmpty();
        add("metric", "", Map.of("metric_pattern", "cpu.*", "alert_pattern", ""));
        assertThat(over("other", "prod", "", "cpu_pct", Map.of())).isEqualTo("metric");
        add("label", "", Map.of("label_matchers", "{\"database\": \"app\"}", "alert_pattern", ""));
        assertThat(over("other", "prod", "", "x", Map.of("database", "app"))).isEqualTo("label");
        assertThat(over("other", "prod", "", "x", Map.of("database", "pay"))).isEmpty();
        index.remove(List.of("label"));
        assertThat(over("other", "prod", "", "x", Map.of("database", "app"))).isEmpty();
    }

    @Test
    void aTenantsSilenceReachesThatTenantAlone() throws Exception {
        add("acme's", Rows.key("acme"), Map.of("alert_pattern", ".*"));
        assertThat(over("disk", "prod", "acme", "x", Map.of())).isEqualTo("acme's");
        assertThat(over("disk", "prod", "", "x", Map.of())).isEmpty();
        assertThat(over("disk", "prod", "other", "x", Map.of())).isEmpty();
        assertThat(over("disk", "prod", "\\x" + Rows.key("acme"), "x", Map.of()))
                .as("a tenant of which only the hash key is known")
                .isEqualTo("acme's");
    }

    @Test
    void countsFromItsStartToItsEnd() throws Exception {
        add("s", "", Map.of());
        assertThat(at("2026-11-18T11:59:59.999Z")).isEmpty();
        assertThat(at("2026-11-18T12:00:00Z")).isEqualTo("s");
        assertThat(at("2026-11-18T13:59:59.999Z")).isEqualTo("s");
        assertThat(at("2026-11-18T14:00:00Z")).isEmpty();
    }

    private String at(String moment) {
        return over("disk", "prod", "", "x", Map.of(), millis(moment));
    }

    private String over(
            String rule, String target, String tenant, String metric, Map<String, String> labels) {
        return over(rule, target, tenant, metric, labels, millis("2026-11-18T13:00:00Z"));
    }

    private String over(
            String rule,
            String target,
            String tenant,
            String metric,
            Map<String, String> labels,
            long time) {
        SeriesId id = new SeriesId(target, tenant, metric, labels);
        Silence found = index.over(rule(rule), id.text(), id, time);
        return found == null ? "" : found.key();
    }

    private void add(String key, String tenant, Map<String, String> more) throws Exception {
        Map<String, String> row = new HashMap<>(GOOD);
        row.putAll(more);
        index.add(List.of(SilenceReader.read(key, tenant, 1, row)));
    }

    private static String problem(Map<String, String> row) {
        try {
            return SilenceReader.read("k", "", 1, row).toString();
        } catch (InvalidRuleException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static AlertRule rule(String name) {
        return TestRule.named(name).thresholds(1, 2).build();
    }

    private static long millis(String moment) {
        return Instant.parse(moment).toEpochMilli();
    }
}
