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

    /** No test has them fire and clear with real servers, for this reason. */
    static final Map<String, String> NOT_SHOWN =
            Map.of(
                    "server-silent",
                    "a server that cannot be reached is down, and not silent: that is one of which"
                            + " the job looks at nothing any longer; see AlertFunctionTest",
                    "clock-skew",
                    "a test cannot set the clock of the machine it runs on",
                    "swap",
                    "machines that run tests have no swap",
                    "full-soon",
                    "FindingAlertsIT has it fire; it ends with a forecast of another day",
                    "deadlocks-found",
                    "LockAlertsIT has its metric fire; what is counted is that of ten minutes",
                    "changes-broken",
                    "FindingAlertsIT has it fire; it ends a quarter of an hour later",
                    "change-gaps",
                    "what is counted is that of an hour; see RecentFindingsTest",
                    "dead-letters",
                    "what is counted is that of an hour; see RecentFindingsTest");

    private ShownDefaultRules() {}
}
