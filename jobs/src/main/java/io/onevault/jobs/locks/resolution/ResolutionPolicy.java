package io.onevault.jobs.locks.resolution;

import io.onevault.jobs.locks.impact.HourRange;
import io.onevault.jobs.locks.impact.Maintenance;
import io.onevault.jobs.locks.impact.ToolNames;
import io.onevault.jobs.locks.incident.Blocker;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Victim;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Decides what is to be done about the root of an assessed incident: first cancel, terminate only
 * when that did not help; a session that has idled in its transaction for the minimum wait is
 * terminated without a cancel before, for there is no statement to cancel. Depends on its arguments
 * only; all times are the watched server's.
 */
public final class ResolutionPolicy implements Serializable {

    /** Of {@link #dueMicros}: never, as far as is known. */
    static final long NEVER = Long.MAX_VALUE;

    private static final long serialVersionUID = 1L;
    private static final int MOST_ATTEMPTS = 3;
    private static final String RATE_LIMIT = "rate limit";
    private static final List<String> SERVER_RULES =
            List.of(
                    "admin role",
                    "vault role",
                    "same backend start",
                    "same transaction",
                    "still blocking",
                    "maintenance",
                    "reader",
                    "statement cut");

    /** Rules by which the server protects what a session does now, which passes. */
    private static final Set<String> PASSING =
            Set.of("reader", "statement", "statement cut", "maintenance");

    private final ResolutionSettings settings;
    private final List<String> tools;

    public ResolutionPolicy(ResolutionSettings settings) {
        this.settings = settings;
        this.tools = settings.tools();
    }

    /**
     * What is to be done now; empty when it is too early, or nothing has changed that could be
     * decided on.
     *
     * @param history of the incident's root
     * @param recentActions signals to the target that count for the rate limit
     */
    public Optional<Verdict> decide(
            BlockingIncident incident, RootHistory history, int recentActions, long nowMicros) {
        if (history.pending() || nowMicros < dueMicros(incident, history)) {
            return Optional.empty();
        }
        Verdict verdict = verdict(incident, history, recentActions, nowMicros);
        if (nowMicros >= matureMicros(incident)) {
            return Optional.of(verdict);
        }
        if (history.recorded()) {
            return Optional.empty();
        }
        if (!verdict.acts()) {
            return Optional.of(verdict);
        }
        // It may let go, or be decided on soon; people are told when neither has happened.
        long patience = waitingSince(incident) + 2 * micros(settings.minimumWait());
        return nowMicros < patience ? Optional.empty() : Optional.of(young(verdict));
    }

    /** It holds its locks beyond its transactions, or others held them before. */
    private static Verdict young(Verdict verdict) {
        Map<String, String> rules = new HashMap<>(verdict.rules());
        rules.put(
                "minimum wait", "in its present transaction it has not blocked, or idled, so long");
        return verdict(
                Verdict.ADVISE,
                "Others have waited long, but it has not blocked, or idled, for the minimum wait in"
                        + " its present transaction.",
                rules);
    }

    private Verdict verdict(
            BlockingIncident incident, RootHistory history, int recentActions, long nowMicros) {
        Map<String, String> rules = safety(incident, nowMicros);
        Optional<String> refusal = firstRefusal(rules);
        Map<String, String> least = worth(incident);
        Optional<String> notWorth = firstRefusal(least);
        rules.putAll(least);
        if (!settings.enabled()) {
            rules.put(Verdict.ENABLED, "automatic resolution is off");
            return verdict(Verdict.ADVISE, "Automatic resolution is off.", rules);
        }
        if (refusal.isPresent()) {
            return verdict(Verdict.REFUSE, refusal.get(), rules);
        }
        if (notWorth.isPresent()) {
            return verdict(Verdict.ADVISE, notWorth.get(), rules);
        }
        return next(incident, history, recentActions, rules);
    }

    /** Whether only the rate limit refused, so that the same may be decided later. */
    static boolean limited(Verdict verdict) {
        String limit = verdict.rules().getOrDefault(RATE_LIMIT, Verdict.PASSED);
        return verdict.decision().equals(Verdict.REFUSE) && Verdict.refuses(limit);
    }

    /**
     * From when something may be decided; {@link #NEVER} when nothing is left to do. A victim that
     * waits for the root itself must have waited for the minimum wait. After a signal, and after
     * the server has refused one for what may pass, the grace must be over.
     */
    long dueMicros(BlockingIncident incident, RootHistory history) {
        boolean acted = !history.signal().isEmpty();
        boolean over =
                history.outcome().isEmpty()
                        || history.outcome().equals("PROTECTED")
                                && !PASSING.contains(history.rule());
        if (!incident.open() || acted && over) {
            // Closed, a dry run, or the server protects it whatever it does.
            return NEVER;
        }
        long due = waitingSince(incident) + micros(settings.minimumWait());
        return acted ? Math.max(due, history.signalledAtMicros() + micros(settings.grace())) : due;
    }

    /**
     * From when the root may be ended: as root, in its present transaction, and idling when it
     * idles it must have lasted for the minimum wait too. A root does not answer for the one before
     * it, nor does one that is idle between two statements.
     */
    long matureMicros(BlockingIncident incident) {
        Blocker root = incident.root();
        long since = Math.max(waitingSince(incident), incident.rootSinceMicros());
        if (root.idleInTransaction()) {
            since = Math.max(since, root.stateChangeMicros());
        }
        return since + micros(settings.minimumWait());
    }

    private static long waitingSince(BlockingIncident incident) {
        return incident.victims().stream()
                .filter(victim -> victim.blockedBy() == incident.root().pid())
                .mapToLong(Victim::waitStartMicros)
                .filter(since -> since != 0)
                .min()
                .orElse(incident.observedAtMicros());
    }

    private Verdict next(
            BlockingIncident incident,
            RootHistory history,
            int recentActions,
            Map<String, String> rules) {
        if (history.sent().equals(Verdict.TERMINATE)) {
            return verdict(
                    Verdict.ADVISE,
                    "It was terminated and is still there: it may hang in the operating system.",
                    rules);
        }
        if (history.attempts() >= MOST_ATTEMPTS) {
            return verdict(Verdict.ADVISE, "It could not be ended; given up.", rules);
        }
        if (recentActions >= settings.maxActions()) {
            String limit =
                    "%d signals were sent to this target within %d s"
                            .formatted(recentActions, settings.actionsWindow().toSeconds());
            rules.put(RATE_LIMIT, limit);
            return verdict(Verdict.REFUSE, sentence(RATE_LIMIT, limit), rules);
        }
        rules.put(RATE_LIMIT, Verdict.PASSED);
        SERVER_RULES.forEach(rule -> rules.put(rule, Verdict.ON_SERVER));
        if (incident.root().idleInTransaction()) {
            return verdict(
                    Verdict.TERMINATE,
                    "It idles in its transaction, where a cancel does nothing.",
                    rules);
        }
        return history.sent().equals(Verdict.CANCEL)
                ? verdict(
                        Verdict.TERMINATE,
                        "It was cancelled and still blocks after %d s."
                                .formatted(settings.grace().toSeconds()),
                        rules)
                : verdict(Verdict.CANCEL, "It blocks others for too long.", rules);
    }

    /** The last moment at which a decision of {@code decidedAtMicros} may be carried out. */
    public long notAfterMicros(long decidedAtMicros) {
        long stale = decidedAtMicros + micros(settings.decisionAge());
        HourRange window = settings.maintenanceWindow();
        return window == null ? stale : Math.min(stale, window.nextStart(decidedAtMicros) - 1);
    }

    /** Without names of persons, for whoever may see the incident reads this. */
    private Map<String, String> safety(BlockingIncident incident, long nowMicros) {
        Blocker root = incident.root();
        Map<String, String> rules = new LinkedHashMap<>();
        rule(rules, "prepared transaction", root.pid() == 0, "it has no session");
        rule(rules, "visible", !root.visible(), "its statement is hidden from the collector");
        rule(
                rules,
                "backend type",
                !root.backendType().equals("client backend"),
                "it is a " + root.backendType());
        rule(
                rules,
                "own session",
                root.application().startsWith("onevault"),
                "it is a session of this product");
        rule(rules, "superuser", root.superuser(), "it is a superuser's");
        rule(
                rules,
                "admin user",
                settings.adminUsers().stream().anyMatch(root.user()::equalsIgnoreCase),
                "it is an administrator's");
        Optional<String> tool = ToolNames.find(root.application(), tools);
        rule(rules, "application", tool.isPresent(), "it is " + tool.orElse(""));
        // Only the server tells who has written.
        String ofWriter = Maintenance.protectedStatement(root.query(), false, true);
        boolean unless = !Maintenance.protectedStatement(root.query(), false, false).isEmpty();
        rule(rules, "statement", !ofWriter.isEmpty(), ofWriter);
        if (ofWriter.isEmpty() && unless) {
            rules.put("statement", Verdict.ON_SERVER);
        }
        HourRange window = settings.maintenanceWindow();
        rule(
                rules,
                "maintenance window",
                window != null && window.contains(nowMicros),
                "it is between the hours of " + window);
        rule(rules, "deadlock", incident.cyclic(), "the server ends it by itself");
        rule(
                rules,
                "state",
                !root.state().equals("active") && !root.idleInTransaction(),
                "it is " + (root.state().isEmpty() ? "unknown" : root.state()));
        return rules;
    }

    private Map<String, String> worth(BlockingIncident incident) {
        Map<String, String> rules = new LinkedHashMap<>();
        rules.put("minimum wait", Verdict.PASSED);
        rule(
                rules,
                "minimum victims",
                incident.victimCount() < settings.minimumVictims(),
                "only %d wait".formatted(incident.victimCount()));
        rule(
                rules,
                "minimum impact",
                incident.impactScore() < settings.minimumImpact(),
                "the impact is only %.0f".formatted(incident.impactScore()));
        return rules;
    }

    private static void rule(Map<String, String> rules, String name, boolean refuses, String why) {
        rules.put(name, refuses ? why : Verdict.PASSED);
    }

    private static Optional<String> firstRefusal(Map<String, String> rules) {
        return rules.entrySet().stream()
                .filter(rule -> Verdict.refuses(rule.getValue()))
                .findFirst()
                .map(rule -> sentence(rule.getKey(), rule.getValue()));
    }

    private static String sentence(String rule, String why) {
        return "Rule \"%s\": %s.".formatted(rule, why);
    }

    private static Verdict verdict(String decision, String reason, Map<String, String> rules) {
        return new Verdict(decision, reason, Map.copyOf(rules));
    }

    private static long micros(Duration duration) {
        return TimeUnit.MILLISECONDS.toMicros(duration.toMillis());
    }
}
