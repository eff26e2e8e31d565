package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One rule and one series: takes values in the order of their times and says how their alert
 * changes.
 *
 * <p>What it says follows from the values and their times alone, so stored values give the same
 * alerts again. Only a value of its series makes an alert fire, clear or leave its silence; the
 * passing of time alone tells that a series is absent, see {@link #pass}, or gone.
 */
public final class AlertCase {

    static final long TAKEN_BACK = -1;

    private final LifecycleSettings settings;
    private final AlertRule rule;
    private final WatchedSeries watched;
    private final SeriesId series;
    private final AlertState state;
    private final AlertTimes times;
    private final Silences silences;
    private final Consumer<AlertInstance> out;

    /**
     * @param state of this rule and series, changed in place
     * @param silences of all alerts
     * @param out takes every change, in order
     */
    public AlertCase(
            LifecycleSettings settings,
            AlertRule rule,
            WatchedSeries watched,
            AlertState state,
            Silences silences,
            Consumer<AlertInstance> out) {
        this.settings = settings;
        this.rule = rule;
        this.watched = watched;
        this.series = watched.id();
        this.state = state;
        this.times = new AlertTimes(settings, rule, watched, state);
        this.silences = silences;
        this.out = out;
    }

    /** Whether a value could matter of which nothing is remembered yet. */
    public static boolean concerns(AlertRule rule, double value) {
        return switch (rule.condition()) {
            case THRESHOLD, FORECAST, ANOMALY -> Level.of(rule, value).crossed();
            case RATE_OF_CHANGE, ABSENCE -> true;
        };
    }

    /**
     * Judges a value; one that is not newer than the last is none.
     *
     * @param value NaN says that the series was seen and has no value
     * @param about what is behind the value, for people; may be empty
     * @param watchedSince before which nobody looked
     */
    public void observe(long time, double value, String about, long watchedSince) {
        if (time <= state.lastAt) {
            return;
        }
        adopt(time);
        pass(time - 1, watchedSince);
        state.lastAt = time;
        state.about = about;
        if (rule.condition() == Condition.ABSENCE) {
            assess(time, 0, Level.CLEAR);
            return;
        }
        if (!Double.isFinite(value)) {
            return;
        }
        state.lastValue =
                rule.condition() == Condition.RATE_OF_CHANGE
                        ? RecentExtremes.change(
                                state,
                                time,
                                value,
                                times.parameterMillis("window_seconds"),
                                rule.direction())
                        : value;
        assess(time, state.lastValue, Level.of(rule, state.lastValue));
    }

    /**
     * Lets time go by without a value: an absent series is told, one that is gone ends its alert.
     *
     * @param watchedSince before which nobody looked; silence counts from there at the earliest
     */
    public void pass(long time, long watchedSince) {
        if (state.lastAt != 0) {
            long seen = Math.max(state.lastAt, watchedSince);
            long gone = seen + times.silenceMillis();
            if (rule.condition() == Condition.ABSENCE) {
                passAbsence(Math.min(time, gone - 1), seen);
            }
            if (gone <= time) {
                end(state, gone, "no value since " + Instant.ofEpochMilli(state.lastAt), out);
                state.lastAt = 0;
                RecentExtremes.clear(state);
            }
        }
        if (state.open == null && times.memoryEnd() <= time) {
            state.firings.clear();
            state.endedAt = 0;
            state.endedSeverity = null;
        }
    }

    private void passAbsence(long time, long seen) {
        long before = Long.MIN_VALUE;
        for (long at = times.absenceStep(seen);
                at <= time && at > before;
                at = times.absenceStep(seen)) {
            state.lookedAt = at;
            assess(at, (at - state.lastAt) / 1000.0, Level.ofAbsence(rule));
            before = at;
        }
    }

    /** When time alone will next matter; {@link Long#MAX_VALUE} for never. */
    public long nextDue(long watchedSince) {
        return state.waiting == null
                ? times.nextDue(watchedSince)
                : Math.max(state.lastAt, watchedSince) + patienceMillis();
    }

    /** How long an alert of before a restart waits for a value; of an absent series none comes. */
    private long patienceMillis() {
        return rule.condition() == Condition.ABSENCE
                ? settings.staleAfter().toMillis()
                : times.silenceMillis();
    }

    /** Whether nothing is left that a later value would need. */
    public boolean isForgettable() {
        return state.open == null
                && state.waiting == null
                && !times.remembers()
                && state.crossedSince == 0
                && state.partStarts.isEmpty()
                && (rule.condition() != Condition.ABSENCE || state.lastAt == 0);
    }

    /** Takes the rule as it is now; an alert that it would not raise ends. */
    public void adopt(long time) {
        if (state.ruleVersion == rule.version() && state.ruleKey.equals(rule.key())) {
            return;
        }
        String condition = rule.condition() + " " + rule.parameters();
        AlertInstance open = state.open;
        if (!state.condition.isEmpty() && !state.condition.equals(condition)) {
            end(state, time, "the rule has another condition", out);
            state.crossedSince = 0;
            state.criticalSince = 0;
            state.lastValue = Double.NaN;
            RecentExtremes.clear(state);
        } else if (open != null) {
            state.open =
                    open.about(
                            AlertSubject.of(open.subject().key(), rule, watched), open.flapping());
            if (!Double.isNaN(state.lastValue) && !level(state.lastValue).crossed()) {
                end(state, time, "in order by the changed rule", out);
            }
            sayIfItExplainsOthers(open, time);
        }
        state.ruleKey = rule.key();
        state.ruleVersion = rule.version();
        state.condition = condition;
    }

    /** What a rule explains, and what explains it, holds for the alert that it raised already. */
    private void sayIfItExplainsOthers(AlertInstance before, long time) {
        AlertInstance now = state.open;
        if (now != null
                && now.status() != AlertStatus.PENDING
                && !(now.subject().explains().equals(before.subject().explains())
                        && now.subject().inhibitedBy().equals(before.subject().inhibitedBy()))) {
            emit(now.again(time));
        }
    }

    /** Below the threshold an alert that fired holds on until its clear level. */
    private Level level(double value) {
        Level level = Level.of(rule, value);
        AlertInstance open = state.open;
        if (level != Level.BETWEEN) {
            return level;
        }
        if (open == null || open.status() == AlertStatus.PENDING) {
            return Level.CLEAR;
        }
        return Double.isNaN(rule.warning()) ? Level.CRITICAL : Level.WARNING;
    }

    /**
     * Somebody takes note, says anew until when that counts, or takes it back. Of several notes the
     * newest row counts, whatever becomes of those before it.
     *
     * @param watchedSince before which nobody looked
     */
    public void note(long time, Acknowledgement said, long watchedSince) {
        pass(time - 1, watchedSince);
        AlertInstance open = state.open;
        if (open == null || said.row() < state.noteRow) {
            return;
        }
        boolean newest = said.row() == state.noteRow;
        boolean over = said.withdrawn() || (said.until() != 0 && said.until() <= time);
        if (over) {
            // Where it is not known which row counts, the alert was taken note of by an older
            // program: only an end takes that back.
            boolean counts = state.noteRow != 0 || said.withdrawn();
            state.noteRow = said.row();
            state.noteUntil = TAKEN_BACK;
            if (counts) {
                withdraw(open, time);
            }
            return;
        }
        AlertInstance taken = open.after(Trigger.ACKNOWLEDGED, time, said.by());
        if (taken == null || (newest && said.until() == state.noteUntil)) {
            return;
        }
        state.noteRow = said.row();
        state.noteUntil = said.until();
        state.acknowledgedUntil = said.until();
        if (open.status() != AlertStatus.ACKNOWLEDGED || !open.acknowledgedBy().equals(said.by())) {
            emit(taken);
        }
    }

    /** Nobody has taken note any longer. */
    private void withdraw(AlertInstance open, long time) {
        if (open.status() == AlertStatus.ACKNOWLEDGED) {
            Quiet quiet = Quiet.bySilence(silences, rule, watched, time);
            state.acknowledgedUntil = 0;
            state.suppressedUntil = quiet == null ? 0 : quiet.until();
            emit(
                    quiet == null
                            ? open.after(Trigger.UNACKNOWLEDGED, time, "")
                            : open.after(Trigger.SILENCED, time, quiet.by()));
        }
    }

    /** Ends the alert there is, if any; for a rule or a series that is gone. */
    public static void end(
            AlertState state, long time, String reason, Consumer<AlertInstance> out) {
        close(state, Trigger.ENDED, time, reason, out);
    }

    private static void close(
            AlertState state,
            Trigger trigger,
            long time,
            String reason,
            Consumer<AlertInstance> out) {
        AlertInstance open = state.open;
        AlertInstance over = open == null ? null : open.after(trigger, time, reason);
        if (open == null || over == null) {
            return;
        }
        if (open.told()) {
            state.endedAt = time;
            state.endedSeverity = open.severity();
        }
        state.open = null;
        state.crossedSince = 0;
        state.criticalSince = 0;
        state.clearSince = 0;
        state.lessSince = 0;
        state.acknowledgedUntil = 0;
        state.noteRow = 0;
        state.noteUntil = 0;
        state.suppressedUntil = 0;
        out.accept(over);
    }

    private void assess(long time, double value, Level found) {
        Level level = found == Level.BETWEEN ? level(value) : found;
        state.crossedSince = !level.crossed() ? 0 : since(state.crossedSince, time);
        state.criticalSince = level != Level.CRITICAL ? 0 : since(state.criticalSince, time);
        AlertInstance open = state.open;
        if (open == null) {
            if (level.crossed()) {
                begin(time, value, level);
            }
        } else if (open.status() != AlertStatus.PENDING) {
            goOn(open, time, value, level);
        } else if (!level.crossed()) {
            close(state, Trigger.CLEARED, time, "did not hold", out);
        } else {
            fireIfHeld(open, time, value);
        }
    }

    private static long since(long before, long time) {
        return before == 0 ? time : before;
    }

    private void begin(long time, double value, Level level) {
        String key = rule.key() + "|" + Instant.ofEpochMilli(time) + "|" + watched.text();
        AlertInstance begun =
                AlertInstance.begun(AlertSubject.of(key, rule, watched), level.severity(), time);
        if (!fireIfHeld(begun, time, value)) {
            emit(saying(begun, level.severity(), value));
        }
    }

    private boolean fireIfHeld(AlertInstance open, long time, double value) {
        Severity held = held(time);
        if (held == null) {
            return false;
        }
        long remembered = time - settings.flapWindow().toMillis();
        state.firings.removeIf(at -> at <= remembered);
        state.firings.add(time);
        while (state.firings.size() > settings.flapCount()) {
            state.firings.remove(0);
        }
        boolean flapping = state.firings.size() >= settings.flapCount();
        AlertInstance said = saying(open, held, value).about(open.subject(), flapping);
        Quiet quiet = quiet(time, held);
        AlertInstance fired =
                quiet == null
                        ? said.after(Trigger.HELD, time, "")
                        : said.after(Trigger.HELD_IN_SILENCE, time, quiet.by());
        state.suppressedUntil = quiet == null ? 0 : quiet.until();
        emit(fired);
        return true;
    }

    /** The worst severity that has held for as long as the rule asks. */
    private @Nullable Severity held(long time) {
        long needed = rule.forSeconds() * 1000L;
        if (state.criticalSince != 0 && time - state.criticalSince >= needed) {
            return Severity.CRITICAL;
        }
        boolean crossed = state.crossedSince != 0 && time - state.crossedSince >= needed;
        return crossed ? Severity.WARNING : null;
    }

    private void goOn(AlertInstance open, long time, double value, Level level) {
        if (!level.crossed()) {
            state.clearSince = since(state.clearSince, time);
            long hold = open.flapping() ? settings.flapHold().toMillis() : 0;
            if (time - state.clearSince >= hold) {
                close(state, Trigger.CLEARED, time, AlertWords.inOrder(state.about), out);
            }
            return;
        }
        state.clearSince = 0;
        Severity severity = severity(open.severity(), time, level);
        boolean worse = severity.compareTo(open.severity()) > 0;
        AlertInstance now = open;
        if (severity != open.severity()) {
            now = saying(open, severity, value).after(Trigger.SEVERITY_CHANGED, time, "");
        }
        boolean noteEnds =
                worse || (state.acknowledgedUntil != 0 && time >= state.acknowledgedUntil);
        if (now != null && (open.status() != AlertStatus.ACKNOWLEDGED || noteEnds)) {
            now = heardOrSilent(now, time, value);
        }
        if (!Objects.equals(now, open)) {
            emit(now);
        }
    }

    /** An alert that nobody has taken note of, or no longer: whether it is silenced. */
    private AlertInstance heardOrSilent(AlertInstance alert, long time, double value) {
        boolean untold = alert.status() == AlertStatus.SUPPRESSED && !alert.told();
        Quiet quiet =
                untold
                        ? quiet(time, alert.severity())
                        : Quiet.bySilence(silences, rule, watched, time);
        state.acknowledgedUntil = 0;
        state.suppressedUntil = quiet == null ? 0 : quiet.until();
        AlertInstance now = alert;
        if (quiet != null) {
            boolean known =
                    alert.status() == AlertStatus.SUPPRESSED
                            && quiet.by().equals(alert.suppressedBy());
            now = known ? alert : alert.after(Trigger.SILENCED, time, quiet.by());
        } else if (alert.status() == AlertStatus.SUPPRESSED) {
            now = saying(alert, alert.severity(), value).after(Trigger.RELEASED, time, "");
        } else if (alert.status() == AlertStatus.ACKNOWLEDGED) {
            now = saying(alert, alert.severity(), value).after(Trigger.UNACKNOWLEDGED, time, "");
        }
        return changed(now);
    }

    /** Worse as soon as that has held; less bad only when it has stayed so for a while. */
    private Severity severity(Severity before, long time, Level level) {
        if (before == Severity.WARNING) {
            state.lessSince = 0;
            return held(time) == Severity.CRITICAL ? Severity.CRITICAL : Severity.WARNING;
        }
        if (level == Level.CRITICAL) {
            state.lessSince = 0;
            return before;
        }
        state.lessSince = since(state.lessSince, time);
        if (time - state.lessSince < times.suppressionMillis()) {
            return before;
        }
        state.lessSince = 0;
        return Severity.WARNING;
    }

    private @Nullable Quiet quiet(long time, Severity severity) {
        Quiet silenced = Quiet.bySilence(silences, rule, watched, time);
        return silenced == null ? Quiet.untold(settings, rule, state, time, severity) : silenced;
    }

    private AlertInstance saying(AlertInstance alert, Severity severity, double value) {
        return alert.saying(
                severity,
                value,
                Level.threshold(rule, severity),
                AlertWords.message(
                        rule, series, alert.subject().unit(), severity, value, state.about));
    }

    private void emit(@Nullable AlertInstance changed) {
        AlertInstance now = changed(changed);
        state.open = now;
        out.accept(now);
    }

    private static AlertInstance changed(@Nullable AlertInstance changed) {
        if (changed == null) {
            throw new IllegalStateException("a change that the table of transitions does not have");
        }
        return changed;
    }
}
