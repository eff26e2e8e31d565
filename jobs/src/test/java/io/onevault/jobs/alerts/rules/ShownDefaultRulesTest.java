package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.sql.VaultDeployer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * No default rule is forgotten: each is explained, and shown to fire and clear or listed with the
 * reason why it is not.
 */
class ShownDefaultRulesTest {

    /** A rule's key and all that is said of it. */
    private static final Pattern RULE =
            Pattern.compile("(?ms)^    \\('default:([a-z-]+)', '[^']+', .*?'\\)(?=,?$)");

    /** A literal that is the whole line, or its end with the parenthesis of the row. */
    private static final Pattern WORDS = Pattern.compile("(?m)^     '((?:[^']|'')*)'(?=[,)])");

    @Test
    void eachSaysWhatItIsWhyAndWhatToDoFirst() throws Exception {
        for (Map.Entry<String, String> rule : wanted().entrySet()) {
            Matcher words = WORDS.matcher(rule.getValue());
            List<String> said = new ArrayList<>();
            while (words.find()) {
                said.add(words.group(1));
            }
            assertThat(said)
                    .as("description, rationale and runbook of %s", rule.getKey())
                    .hasSize(3)
                    .doesNotHaveDuplicates()
                    .allSatisfy(sentence -> assertThat(sentence).hasSizeGreaterThan(15));
        }
    }

    @Test
    void eachIsShownOrListedWithAReason() throws Exception {
        List<String> known = new ArrayList<>(DefaultRulesOnAServerIT.RULES.keySet());
        known.addAll(DefaultRulesBesideAServerIT.RULES);
        known.addAll(ShownDefaultRules.ELSEWHERE.keySet());
        known.addAll(ShownDefaultRules.NOT_SHOWN.keySet());
        assertThat(known).containsExactlyInAnyOrderElementsOf(wanted().keySet());
    }

    @Test
    void theTestsThatShowThemExist() throws ClassNotFoundException {
        for (String test : ShownDefaultRules.ELSEWHERE.values()) {
            assertThat(Class.forName("io.onevault.jobs.alerts." + test)).isNotNull();
        }
    }

    /** What a deployment brings, by key: all that is said of a rule. */
    private static Map<String, String> wanted() throws IOException {
        Map<String, String> rules = new TreeMap<>();
        try (InputStream in = VaultDeployer.class.getResourceAsStream("default_alert_rules.sql")) {
            String sql =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            Matcher rule = RULE.matcher(sql);
            while (rule.find()) {
                assertThat(rules.put(rule.group(1), rule.group())).isNull();
            }
        }
        assertThat(rules).hasSizeGreaterThan(50);
        return rules;
    }
}
