package io.onevault.jobs.alerts.rules;

import java.util.Map;

/**
 * Where it is shown that the rules that come with a vault fire and clear, by a rule's key without
 * {@code default:}. A new rule belongs into the rules of {@link DefaultRulesOnAServerIT} or of
 * {@link DefaultRulesBesideAServerIT}, which count by themselves, or into one of these lists;
 * {@link ShownDefaultRulesTest} misses it otherwise.
 */
final class ShownDefaultRules {

    /** They fire and clear in this test, a class below {@code io.onevault.jobs.alerts}. */
    static final Map<String, String> ELSEWHERE =
            Map.of(
                    "server-down", "AlertsIT",
                    "server-restarted", "AlertsIT",
                    "rules-rejected", "findings.FindingAlertsIT",
                    "unusual-work", "AnomalyAlertsIT",
                    "unusual-sessions", "AnomalyAlertsIT");

    private static final String COUNTED =
            "findings.SeenChangesIT has it fire; it counts for ten minutes to an hour, and the end"
                    + " is shown by findings.ListWordsTest, LogWordsTest and RecentFindingsTest";

    /** No test has them fire and clear with real servers, for this reason. */
    static final Map<String, String> NOT_SHOWN =
            Map.ofEntries(
                    Map.entry(
                            "server-silent",
                            "a server that cannot be reached is down, and not silent: that is one"
                                    + " of which the job looks at nothing any longer; see"
                                    + " AlertFunctionTest"),
                    Map.entry(
                            "clock-skew", "a test cannot set the clock of the machine it runs on"),
                    Map.entry("swap", "machines that run tests have no swap"),
                    Map.entry(
                            "full-soon",
                            "FindingAlertsIT has it fire; it ends with a forecast of another day"),
                    Map.entry(
                            "deadlocks-found",
                            "LockAlertsIT has its metric fire; what is counted is that of ten"
                                    + " minutes"),
                    Map.entry(
                            "changes-broken",
                            "FindingAlertsIT has it fire; it ends a quarter of an hour later"),
                    Map.entry(
                            "change-gaps",
                            "what is counted is that of an hour; see RecentFindingsTest"),
                    Map.entry(
                            "dead-letters",
                            "what is counted is that of an hour; see RecentFindingsTest"),
                    Map.entry("settings-changed", COUNTED),
                    Map.entry("privileges-changed", COUNTED),
                    Map.entry("powers-gained", COUNTED),
                    Map.entry("failed-logins", COUNTED),
                    Map.entry("server-crashed", COUNTED),
                    Map.entry("corruption", COUNTED),
                    Map.entry("resources", COUNTED));

    private ShownDefaultRules() {}
}
