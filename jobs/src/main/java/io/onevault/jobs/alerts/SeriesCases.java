package io.onevault.jobs.alerts;

import static io.onevault.jobs.alerts.Moment.NOT_YET;

import io.onevault.connectors.history.RememberedAlert;
import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import io.onevault.jobs.alerts.lifecycle.AlertCase;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertState;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.metrics.LiveValue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The {@linkplain AlertCase cases} of one series at one moment: each of its rules with what is
 * remembered of the two. An alert that waits, see {@link TakingUp}, goes on before anything else is
 * done with it. All times are event time, milliseconds since the epoch.
 */
final class SeriesCases {

    /** How soon it is asked again whether the rules came that an alert waits for. */
    private static final long SOON_MILLIS = 30_000;

    private final SeriesAlerts now;
    private final Moment moment;
    private final TakingUp takingUp;

    /**
     * @param now what is remembered of the series, changed in place, but for its timer
     */
    SeriesCases(SeriesAlerts now, Moment moment, TakingUp takingUp) {
        this.now = now;
        this.moment = moment;
        this.takingUp = takingUp;
    }

    /** Holds a value against every rule; says whether what is remembered may have changed. */
    boolean observe(LiveValue value) {
        long watchedSince = moment.watchedSince();
        long since = watchedSince == NOT_YET ? value.timestamp() : watchedSince;
        boolean touched = false;
        for (AlertRule rule : moment.rules()) {
            double judged = JudgedValue.of(rule, value);
            AlertState state = now.byRule.get(rule.key());
            if (!JudgedValue.isAbout(rule, value)
                    || (state == null && !AlertCase.concerns(rule, judged))) {
                continue;
            }
            AlertState remembered = state == null ? new AlertState() : state;
            if (remembered.waiting != null) {
                if (!JudgedValue.says(rule, judged) || value.timestamp() <= remembered.lastAt) {
                    continue;
                }
                remembered.lastAt = value.timestamp() - 1;
                takingUp.goOn(remembered, rule, moment);
            }
            now.byRule.put(rule.key(), remembered);
            AlertCase alert = moment.caseOf(rule, remembered);
            alert.observe(value.timestamp(), judged, value.about(), since);
            if (alert.isForgettable()) {
                now.byRule.remove(rule.key());
            }
            touched = true;
        }
        return touched;
    }

    /** Ends what no rule wants any longer, and goes on by the rules as they are now. */
    void adopt(long time) {
        Map<String, AlertRule> rules = new HashMap<>();
        moment.rules().forEach(rule -> rules.put(rule.key(), rule));
        Iterator<Map.Entry<String, AlertState>> states = now.byRule.entrySet().iterator();
        while (states.hasNext()) {
            Map.Entry<String, AlertState> entry = states.next();
            AlertState state = entry.getValue();
            AlertRule rule = rules.get(entry.getKey());
            RememberedAlert row = state.waiting;
            if (row != null && takingUp.waits(row, state, rule, moment)) {
                continue;
            }
            takingUp.goOn(state, rule, moment);
            long at = Math.max(time, state.lastAt);
            if (rule == null) {
                AlertCase.end(state, at, TakingUp.UNWANTED, moment.out());
                states.remove();
                continue;
            }
            AlertCase alert = moment.caseOf(rule, state);
            alert.adopt(at);
            if (row != null && alert.isForgettable()) {
                states.remove();
            }
        }
    }

    /**
     * Tells the alert that somebody speaks of; says whether what is remembered may have changed.
     */
    boolean note(Acknowledgement said, long time) {
        boolean noted = false;
        for (AlertRule rule : moment.rules()) {
            AlertState held = now.byRule.get(rule.key());
            if (held != null && isNewTo(held.waiting, said)) {
                // Somebody looks after it now.
                takingUp.goOn(held, rule, moment);
                noted = true;
            }
            AlertInstance open = held == null ? null : held.open;
            if (held == null || open == null || !OpenAlerts.hash(open).equals(said.alertHash())) {
                continue;
            }
            long at = Math.max(time, held.lastAt + 1);
            moment.caseOf(rule, held).note(at, said, moment.watchedSince());
            noted = true;
        }
        return noted;
    }

    /** Not what its row has said already: a snapshot of the vault has that, be it long over. */
    private static boolean isNewTo(@Nullable RememberedAlert alert, Acknowledgement said) {
        return alert != null
                && OpenAlerts.hash(alert.key()).equals(said.alertHash())
                && (said.row() > alert.noteRow()
                        || said.row() == alert.noteRow()
                                && (said.withdrawn() || said.until() != alert.noteUntil()));
    }

    /** Lets time go by without a value. */
    void pass(long time) {
        for (AlertRule rule : moment.rules()) {
            AlertState state = now.byRule.get(rule.key());
            if (state == null) {
                continue;
            }
            AlertCase alert = moment.caseOf(rule, state);
            if (state.waiting != null) {
                if (alert.nextDue(moment.watchedSince()) > time) {
                    continue;
                }
                takingUp.goOn(state, rule, moment);
            }
            alert.pass(time, moment.watchedSince());
            if (alert.isForgettable()) {
                now.byRule.remove(rule.key());
            }
        }
        endUnwanted(time);
    }

    /** What waits for a rule that does not come. */
    private void endUnwanted(long time) {
        for (String key : withoutRule()) {
            AlertState state = now.byRule.getOrDefault(key, new AlertState());
            if (staleAt(state) <= time) {
                takingUp.goOn(state, null, moment);
                AlertCase.end(state, time, TakingUp.UNWANTED, moment.out());
                now.byRule.remove(key);
            }
        }
    }

    /**
     * When time alone will next matter; {@link Long#MAX_VALUE} for never.
     *
     * @param time that has come
     */
    long nextDue(long time) {
        long due = Long.MAX_VALUE;
        for (AlertRule rule : moment.rules()) {
            AlertState state = now.byRule.get(rule.key());
            if (state != null) {
                due = Math.min(due, moment.caseOf(rule, state).nextDue(moment.watchedSince()));
            }
        }
        for (String key : withoutRule()) {
            AlertState state = now.byRule.getOrDefault(key, new AlertState());
            // Rules that come set no timers, so it is seen to that one follows soon.
            long soon = Math.max(state.lastAt, time) + SOON_MILLIS;
            due = Math.min(due, Math.min(soon, staleAt(state)));
        }
        return due;
    }

    private Set<String> withoutRule() {
        Set<String> keys = new HashSet<>(now.byRule.keySet());
        moment.rules().forEach(rule -> keys.remove(rule.key()));
        return keys;
    }

    private long staleAt(AlertState state) {
        return Math.max(state.lastAt, moment.watchedSince())
                + moment.settings().staleAfter().toMillis();
    }
}
