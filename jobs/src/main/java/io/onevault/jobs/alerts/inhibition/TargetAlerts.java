package io.onevault.jobs.alerts.inhibition;

import io.onevault.connectors.vault.HashKey;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.AlertSubject;
import io.onevault.jobs.alerts.lifecycle.BusinessHours;
import io.onevault.jobs.alerts.lifecycle.Earlier;
import io.onevault.jobs.alerts.lifecycle.Severity;
import io.onevault.jobs.alerts.rules.PatternCache;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The alerts of one target and of those that belong together with it: those that another one
 * explains are SUPPRESSED for everybody else, and the other says so.
 *
 * <p>An alert that fires waits a moment, for what explains it may come a little later on another
 * way; then it is told, or is not while its cause lasts. What explains it must have fired before it
 * or within that moment, or within as long after what explained it before: one cause after another
 * hides nothing for ever. What was told stays told. When its cause is over an alert waits for as
 * long as its next value takes, for that may say that it is over too, and is then told, or another
 * cause explains it. A cause is an alert that holds: one that fires or was taken note of, that was
 * told, or that somebody silenced; also one that is itself explained, so long as that leads in no
 * circle. A critical alert is explained only by a critical one that nobody silenced.
 *
 * <p>Times of waiting are this machine's clock, for people wait by that.
 */
final class TargetAlerts {

    /** No alert waits longer than this for its next value. */
    static final long MOST_PATIENCE = 30_000;

    /** What can be a cause at once; further ones explain nothing. */
    static final int MOST_CAUSES = 200;

    private final TargetCauses state;
    private final HeldAlerts held;
    private final PatternCache patterns;
    private final String head;
    private final BusinessHours hours;
    private final long waitMillis;
    private final Consumer<AlertInstance> out;

    /** Of each cause how many others explain it: the fewest are the roots. */
    private final Map<String, Integer> explainers = new HashMap<>();

    /** The likeliest root of the trouble first. */
    private final Comparator<Cause> best =
            Comparator.comparing((Cause cause) -> !cause.explainedBy().isEmpty())
                    .thenComparingInt(this::explainers)
                    .thenComparing(cause -> !cause.critical())
                    .thenComparingLong(Cause::firedAt)
                    .thenComparing(Cause::key);

    /**
     * @param state changed in place
     * @param head the target that stands for all of them
     * @param hours of rules that keep to them, by this machine's clock here
     * @param waitMillis how long an alert that fires waits for its cause
     * @param out takes every change as others see it, in order for each alert
     */
    TargetAlerts(
            TargetCauses state,
            HeldAlerts held,
            PatternCache patterns,
            String head,
            BusinessHours hours,
            long waitMillis,
            Consumer<AlertInstance> out) {
        this.state = state;
        this.held = held;
        this.patterns = patterns;
        this.head = head;
        this.hours = hours;
        this.waitMillis = waitMillis;
        this.out = out;
    }

    /** Takes a change of an alert by its own values. */
    void change(AlertInstance alert, long now) throws Exception {
        if (alert.status() == AlertStatus.PENDING) {
            out.accept(alert);
            return;
        }
        AlertSubject subject = alert.subject();
        HeldSeries series = held.get(subject.series());
        HeldAlert known = series.of(subject.key());
        if (!alert.open()) {
            if (known != null && known.shown() == null) {
                // Over before it was decided: what it was is said first.
                decide(known, now);
            }
            end(alert, now);
            return;
        }
        AlertInstance own = firingIfNeverTold(alert);
        HeldAlert standing = known == null ? HeldAlert.begun(own) : known.standing(own);
        want(subject.inhibitedBy());
        if (own.status() != AlertStatus.FIRING) {
            count(standing, -1, now);
            keep(show(standing.withoutCause(), own.status(), own.suppressedBy(), ""));
        } else if (standing.wasTold()) {
            count(standing, -1, now);
            keep(show(standing.withoutCause(), AlertStatus.FIRING, "", ""));
        } else if (!standing.cause().isEmpty()) {
            keep(standing);
            decide(standing, now);
        } else if (standing.dueAt() == 0) {
            HeldAlert waiting = standing.until(own.at() + waitMillis);
            boolean later = known == null && wasExplained(own) && explainer(waiting) == null;
            keep(dueIn(waiting, later ? patience(subject) : waitMillis, now));
        } else {
            keep(standing);
        }
        causeOrNone(subject, now);
    }

    /** Whether another one explained it before a restart, which may wait for its own next value. */
    private static boolean wasExplained(AlertInstance own) {
        Earlier earlier = own.earlier();
        return earlier != null && !earlier.told() && own.at() > own.firedAt();
    }

    /** How long until its next value may have said that it is over. */
    private long patience(AlertSubject subject) {
        return Math.max(waitMillis, Math.min(MOST_PATIENCE, subject.pollMillis()) + waitMillis);
    }

    private void end(AlertInstance alert, long now) throws Exception {
        AlertSubject subject = alert.subject();
        HeldSeries series = held.get(subject.series());
        HeldAlert known = series.of(subject.key());
        if (known == null) {
            out.accept(alert);
            return;
        }
        Cause cause = cause(subject.key());
        AlertInstance shown = known.shown();
        String by = alert.suppressedBy();
        long since = alert.suppressedAt();
        if (shown != null && !known.cause().isEmpty()) {
            by = shown.suppressedBy();
            since = shown.suppressedAt();
        }
        boolean told = known.wasTold();
        out.accept(
                alert.shown(
                        AlertStatus.RESOLVED,
                        by,
                        since,
                        told,
                        cause == null ? "" : cause.words(),
                        nextAt(known, alert)));
        String ruleAndSeries = subject.ruleKey() + "|" + subject.series();
        long repeat = subject.suppressionMinutes() * 60_000L;
        if (told || alert.told()) {
            boolean never = !told && repeat > 0;
            held.keepEndedUntold(ruleAndSeries, never ? alert.at() + repeat : 0);
        }
        count(known, -1, now);
        held.put(subject.series(), series.without(subject.key()));
        forget(subject, now);
        if (state.causes.isEmpty() && !held.all().iterator().hasNext()) {
            state.wanted.clear();
        }
    }

    /** That it was told shortly before holds only where it was. */
    private AlertInstance firingIfNeverTold(AlertInstance alert) throws Exception {
        AlertSubject subject = alert.subject();
        return alert.isRepeat() && held.endedUntold(subject.ruleKey() + "|" + subject.series())
                ? alert.shown(AlertStatus.FIRING, "", 0, alert.told(), "", alert.at())
                : alert;
    }

    /**
     * Decides what is due.
     *
     * @param series that were asked for at this time
     */
    void decide(List<String> series, long now) throws Exception {
        List<HeldAlert> due = new ArrayList<>();
        List<Cause> dueCauses = new ArrayList<>();
        for (String text : series) {
            for (HeldAlert alert : held.get(text).alerts()) {
                boolean isDue = alert.dueAt() != 0 && alert.dueAt() <= now;
                if (isDue && alert.waitsForHours() && hours.contains(now)) {
                    // A cause from now on, also of those that waited with it.
                    keep(alert.waitingForHours(false));
                    causeOrNone(alert.own().subject(), now);
                }
                Cause cause = cause(alert.key());
                if (cause != null && isDue) {
                    dueCauses.add(cause);
                } else if (cause != null) {
                    sayWhatItExplains(alert);
                } else if (isDue) {
                    due.add(alert);
                }
            }
        }
        // What is explained first, so that its cause can say so at once; the worst cause last, for
        // of two that explain each other the later one is told.
        for (HeldAlert alert : due) {
            decide(alert.own().subject().series(), alert.key(), now);
        }
        dueCauses.sort(best.reversed());
        for (Cause cause : dueCauses) {
            decide(cause.series(), cause.key(), now);
        }
    }

    private void decide(String series, String key, long now) throws Exception {
        HeldAlert still = held.get(series).of(key);
        if (still != null) {
            decide(still, now);
        }
    }

    private void decide(HeldAlert alert, long now) throws Exception {
        AlertInstance own = alert.own();
        if (own.status() != AlertStatus.FIRING) {
            keep(alert.due(0));
            return;
        }
        Cause cause = explainer(alert);
        if (cause == null) {
            count(alert, -1, now);
            explainedBy(alert.key(), "");
            tell(alert, now);
            return;
        }
        if (!cause.key().equals(alert.cause())) {
            count(alert, -1, now);
        }
        explainedBy(alert.key(), cause.key());
        String by =
                AlertInstance.explainedBy(
                        HexFormat.of().formatHex(HashKey.of(cause.key())), cause.ruleName());
        HeldAlert explained = show(alert, AlertStatus.SUPPRESSED, by, cause.key());
        explained = explained.until(cause.firedAt() + waitMillis);
        keep(explained);
        if (!cause.key().equals(alert.cause())) {
            count(explained, 1, now);
        }
    }

    /** In its hours; what its cause kept from being told until they were over waits for them. */
    private void tell(HeldAlert alert, long now) throws Exception {
        AlertSubject subject = alert.own().subject();
        boolean waits = alert.shown() != null && !alert.wasTold() && subject.businessHoursOnly();
        if (!waits) {
            keep(show(alert, AlertStatus.FIRING, "", ""));
            return;
        }
        if (hours.contains(now)) {
            keep(show(alert, AlertStatus.FIRING, "", ""));
        } else {
            HeldAlert later =
                    alert.waitsForHours()
                            ? alert
                            : show(alert, AlertStatus.SUPPRESSED, BusinessHours.OUTSIDE, "");
            keep(dueIn(later.waitingForHours(true), hours.nextStart(now) - now, now));
        }
        causeOrNone(subject, now);
    }

    /** The best of the alerts that explain this one; null for none. */
    private @Nullable Cause explainer(HeldAlert alert) throws Exception {
        if (alert.wasTold()) {
            return null;
        }
        AlertInstance own = alert.own();
        AlertSubject subject = own.subject();
        List<Cause> found = new ArrayList<>();
        for (Cause cause : state.causes) {
            boolean named = subject.inhibitedBy().contains(cause.ruleName());
            if (cause.firedAt() <= alert.latest()
                    && cause.reaches(subject)
                    && (own.severity() == Severity.WARNING || cause.speaksForCritical())
                    && (named || explains(cause, subject.ruleName(), subject.metric()))
                    && !leadsTo(cause, alert.key())) {
                found.add(cause);
            }
        }
        if (found.isEmpty() && own.severity() == Severity.WARNING) {
            for (HeldAlert other : held.get(subject.series()).alerts()) {
                Cause worse = causeOf(other);
                if (worse.critical()
                        && worse.firedAt() <= alert.latest()
                        && isActive(other)
                        && worse.reaches(subject)
                        && !leadsTo(worse, alert.key())) {
                    found.add(worse);
                }
            }
        }
        return found.stream().min(best).orElse(null);
    }

    private int explainers(Cause of) {
        return explainers.computeIfAbsent(
                of.key(),
                key ->
                        (int)
                                state.causes.stream()
                                        .filter(cause -> cause.reaches(of))
                                        .filter(
                                                cause ->
                                                        explains(cause, of.ruleName(), of.metric()))
                                        .count());
    }

    private boolean explains(Cause cause, String ruleName, String metric) {
        return !cause.explains().isEmpty()
                && (patterns.matches(cause.explains(), ruleName)
                        || patterns.matches(cause.explains(), metric));
    }

    /** Whether following what explains it comes to the alert. */
    private boolean leadsTo(Cause cause, String key) {
        Cause at = cause;
        for (int steps = 0; at != null && steps <= state.causes.size(); steps++) {
            if (at.key().equals(key) || at.explainedBy().equals(key)) {
                return true;
            }
            at = cause(at.explainedBy());
        }
        return false;
    }

    /** Makes an alert a cause, or no longer one. */
    private void causeOrNone(AlertSubject subject, long now) throws Exception {
        HeldAlert alert = held.get(subject.series()).of(subject.key());
        if (alert == null || !isActive(alert)) {
            forget(subject, now);
            return;
        }
        Cause before = cause(subject.key());
        addCause(alert);
        if (before != null && causeOf(alert).explainsLessThan(before)) {
            for (HeldAlert explained : symptomsOf(subject.key())) {
                keep(dueIn(explained, waitMillis, now));
            }
        }
    }

    private void addCause(HeldAlert alert) {
        AlertSubject subject = alert.own().subject();
        Cause known = cause(alert.key());
        boolean may = !subject.explains().isEmpty() || state.wanted.contains(subject.ruleName());
        boolean full = known == null && state.causes.size() >= MOST_CAUSES;
        if (known == null && !may || full) {
            return;
        }
        Cause now = causeOf(alert);
        state.causes.remove(known);
        state.causes.add(known == null ? now : now.counting(known.explained()));
    }

    private Cause causeOf(HeldAlert alert) {
        AlertInstance own = alert.own();
        AlertSubject subject = own.subject();
        return new Cause(
                subject.key(),
                subject.series(),
                subject.ruleKey(),
                subject.ruleName(),
                subject.metric(),
                subject.explains(),
                subject.tenant(),
                subject.target(),
                subject.target().equals(head),
                subject.labels(),
                own.firedAt(),
                own.severity() == Severity.CRITICAL,
                own.isSilenced(),
                alert.cause(),
                Map.of());
    }

    private static boolean isActive(HeldAlert alert) {
        AlertInstance own = alert.own();
        return own.status() == AlertStatus.FIRING && !alert.waitsForHours()
                || own.status() == AlertStatus.ACKNOWLEDGED
                || own.isSilenced()
                || alert.wasTold();
    }

    /** Rules that others name are causes too, also those that fire already. */
    private void want(List<String> names) throws Exception {
        List<String> more = names.stream().filter(name -> !state.wanted.contains(name)).toList();
        if (more.isEmpty()) {
            return;
        }
        state.wanted.addAll(more);
        for (HeldSeries series : held.all()) {
            for (HeldAlert alert : series.alerts()) {
                if (more.contains(alert.own().subject().ruleName()) && isActive(alert)) {
                    addCause(alert);
                }
            }
        }
    }

    /** The alert explains nothing any longer: what it explained is decided anew. */
    private void forget(AlertSubject subject, long now) throws Exception {
        Cause gone = cause(subject.key());
        state.causes.remove(gone);
        List<HeldAlert> left = new ArrayList<>();
        if (gone != null && !gone.explained().isEmpty()) {
            left.addAll(symptomsOf(subject.key()));
        } else {
            addExplained(held.get(subject.series()), subject.key(), left);
        }
        for (HeldAlert alert : left) {
            keep(dueIn(alert.withoutCause(), patience(alert.own().subject()), now));
            explainedBy(alert.key(), "");
        }
    }

    private List<HeldAlert> symptomsOf(String cause) throws Exception {
        List<HeldAlert> found = new ArrayList<>();
        for (HeldSeries series : held.all()) {
            addExplained(series, cause, found);
        }
        return found;
    }

    private static void addExplained(HeldSeries series, String cause, List<HeldAlert> left) {
        for (HeldAlert alert : series.alerts()) {
            if (alert.cause().equals(cause)) {
                left.add(alert);
            }
        }
    }

    private HeldAlert dueIn(HeldAlert alert, long millis, long now) throws Exception {
        held.wake(now + millis, alert.own().subject().series());
        return alert.due(now + millis);
    }

    private void count(HeldAlert alert, int by, long now) throws Exception {
        Cause cause = cause(alert.cause());
        if (cause != null) {
            state.causes.remove(cause);
            state.causes.add(cause.counting(alert.own().subject().ruleName(), by));
            held.wake(now + waitMillis, cause.series());
        }
    }

    private void explainedBy(String key, String by) {
        Cause cause = cause(key);
        if (cause != null && !cause.explainedBy().equals(by)) {
            state.causes.remove(cause);
            state.causes.add(cause.explainedBy(by));
        }
    }

    private @Nullable Cause cause(String key) {
        for (Cause cause : state.causes) {
            if (cause.key().equals(key)) {
                return cause;
            }
        }
        return null;
    }

    private void sayWhatItExplains(HeldAlert alert) throws Exception {
        AlertInstance shown = alert.shown();
        if (shown != null && !shown.message().equals(alert.own().message() + words(alert))) {
            HeldAlert told = show(alert, shown.status(), shown.suppressedBy(), alert.cause());
            keep(told.due(alert.dueAt()));
        }
    }

    private String words(HeldAlert alert) {
        Cause cause = cause(alert.key());
        return cause == null ? "" : cause.words();
    }

    /** Shows an alert as it stands, unless nothing is new. */
    private HeldAlert show(HeldAlert alert, AlertStatus status, String by, String cause) {
        AlertInstance own = alert.own();
        AlertInstance shown = alert.shown();
        // What waited is told now, and not when it began to wait.
        long now = alert.shown() == null ? 0 : held.eventTime();
        long at = Math.max(now, nextAt(alert, own));
        long since = own.suppressedAt() != 0 ? own.suppressedAt() : at;
        if (shown != null && shown.status() == AlertStatus.SUPPRESSED) {
            since = shown.suppressedAt();
        }
        AlertInstance showing =
                own.shown(
                        status,
                        by,
                        since,
                        alert.wasTold() || status == AlertStatus.FIRING,
                        words(alert),
                        at);
        out.accept(showing);
        return alert.showing(showing, cause);
    }

    private static long nextAt(HeldAlert alert, AlertInstance own) {
        AlertInstance shown = alert.shown();
        return shown == null ? own.at() : Math.max(own.at(), shown.at() + 1);
    }

    private void keep(HeldAlert alert) throws Exception {
        String series = alert.own().subject().series();
        held.put(series, held.get(series).with(alert));
    }
}
