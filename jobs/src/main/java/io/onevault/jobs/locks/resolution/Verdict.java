package io.onevault.jobs.locks.resolution;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What is to be done about a root, and why.
 *
 * @param decision {@link #ADVISE}, {@link #CANCEL}, {@link #TERMINATE} or {@link #REFUSE}
 * @param reason one sentence
 * @param rules each safety rule by name, and {@link #PASSED}, {@link #ON_SERVER} or why it refuses
 */
public record Verdict(String decision, String reason, Map<String, String> rules) {

    public static final String ADVISE = "ADVISE";
    public static final String CANCEL = "CANCEL";
    public static final String TERMINATE = "TERMINATE";
    public static final String REFUSE = "REFUSE";

    static final String PASSED = "passed";

    /** Only the server can tell, in the statement that acts. */
    static final String ON_SERVER = "checked by the server when it acts";

    /** The rule that refuses everything; what the others say is for information only then. */
    static final String ENABLED = "enabled";

    /** Whether a signal is to be sent. */
    public boolean acts() {
        return decision.equals(CANCEL) || decision.equals(TERMINATE);
    }

    /** The same while a signal to this session is on its way for another incident. */
    Verdict butElsewhere() {
        if (!acts()) {
            return this;
        }
        Map<String, String> all = new HashMap<>(rules);
        all.put("one signal at a time", "another incident's is on its way");
        return new Verdict(
                ADVISE,
                "A signal to this session is on its way for another incident.",
                Map.copyOf(all));
    }

    /** Equal for verdicts that need not be recorded twice. */
    String signature() {
        if (rules.containsKey(ENABLED)) {
            return decision;
        }
        return decision
                + new TreeMap<>(rules)
                        .entrySet().stream()
                                .filter(rule -> refuses(rule.getValue()))
                                .map(Map.Entry::getKey)
                                .collect(Collectors.joining(",", ":", ""));
    }

    static boolean refuses(String rule) {
        return !rule.equals(PASSED) && !rule.equals(ON_SERVER);
    }
}
