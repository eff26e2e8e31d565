package io.onevault.jobs.alerts;

import static io.onevault.jobs.alerts.Moment.NOT_YET;

import io.onevault.connectors.history.RememberedAlert;
import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import io.onevault.jobs.alerts.lifecycle.AlertCase;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertState;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.TakenUp;
import io.onevault.jobs.alerts.rules.AlertRule;
import org.jspecify.annotations.Nullable;

/**
 * Decides which of the alerts that the vault remembers go on here after a restart, and when; how
 * they do is {@link TakenUp}.
 *
 * <p>An alert that the vault has as open, and that is not known here, began after the checkpoint
 * from which the job goes on, or before its state: it goes on as the same alert. So does one that
 * is known here and had not fired, or had not been told, and in the vault has. One whose row was
 * made before the checkpoint, in event time, was known and is over, and so is one that ended since
 * the job began: their rows are on their way. An alert that nobody should hear of yet waits in the
 * state of its series, see {@link #waits}.
 */
final class TakingUp {

    static final String UNWANTED = "no rule in force wants it any longer";

    private final RecentEnds ended = new RecentEnds();
    private final long knownUntil;
    private final long latenessMillis;

    /**
     * @param knownUntil event time at the checkpoint from which this goes on, milliseconds since
     *     the epoch: of an alert since then nobody knows; {@link Moment#NOT_YET} without one
     * @param latenessMillis how much after event time values may come: an alert that began since
     *     may not be known
     */
    TakingUp(long knownUntil, long latenessMillis) {
        this.knownUntil = knownUntil;
        this.latenessMillis = latenessMillis;
    }

    /** Takes in how an alert stands now. */
    void hear(AlertInstance change) {
        ended.add(change);
    }

    /**
     * Takes up an alert of the vault, or lets it wait.
     *
     * @param now what is remembered of its series, changed in place
     * @return whether that may have changed
     */
    boolean takeUp(RememberedAlert row, SeriesAlerts now, Moment moment) {
        AlertState before = now.byRule.get(row.ruleKey());
        AlertRule rule = null;
        for (AlertRule one : moment.rules()) {
            rule = one.key().equals(row.ruleKey()) ? one : rule;
        }
        AlertInstance over = ended.of(row.key());
        if (over != null) {
            TakenUp.endOnceMore(row, rule, moment.series(), over, isSince(row), moment.out());
            return false;
        }
        if (isKnown(row, before)) {
            return false;
        }
        AlertState state = before == null ? new AlertState() : before;
        TakenUp.await(row, state);
        if (!waits(row, state, rule, moment)) {
            goOn(state, rule, moment);
        }
        boolean left =
                rule == null ? state.waiting != null : !moment.caseOf(rule, state).isForgettable();
        if (left) {
            now.byRule.put(row.ruleKey(), state);
        } else {
            now.byRule.remove(row.ruleKey());
        }
        return true;
    }

    /**
     * Who is told of an alert, and what explains it, only its rule says, which may still come. Of
     * one that is old, or that a job of an older release told, people hear when a value shows it.
     */
    boolean waits(RememberedAlert row, AlertState state, @Nullable AlertRule rule, Moment moment) {
        if (rule == null) {
            return moment.orders().version() < row.ruleVersion();
        }
        AlertInstance shown = state.open;
        boolean nameless = knownUntil == NOT_YET && row.told() && row.matter().isEmpty();
        return !TakenUp.isOver(row)
                && (nameless || TakenUp.isOld(row.at(), moment.clock()))
                && (shown == null || isOf(row, shown));
    }

    /** Goes on with an alert that waited for that, if any; one that no rule wants ends. */
    void goOn(AlertState state, @Nullable AlertRule rule, Moment moment) {
        RememberedAlert row = state.waiting;
        if (row == null) {
            return;
        }
        TakenUp.goOn(rule, moment.series(), state, moment.clock(), moment.out());
        if (rule == null) {
            AlertCase.end(state, state.lastAt + 1, UNWANTED, moment.out());
            return;
        }
        AlertCase alert = moment.caseOf(rule, state);
        alert.adopt(state.lastAt);
        AlertInstance open = state.open;
        if (open == null || !isOf(row, open)) {
            return;
        }
        if (row.noteHeard() && open.status() != AlertStatus.ACKNOWLEDGED) {
            // It no longer counted, for the alert became worse after it.
            return;
        }
        // Also what people said while nobody heard them.
        String hash = OpenAlerts.hash(row.key());
        boolean none = row.noteRow() == 0;
        alert.note(
                state.lastAt + 1,
                new Acknowledgement(hash, row.noteRow(), row.noteBy(), row.noteUntil(), none),
                moment.watchedSince());
    }

    /**
     * Whether the vault knows no more of an alert.
     *
     * @param before what is remembered of its rule and series; null for nothing
     */
    private boolean isKnown(RememberedAlert row, @Nullable AlertState before) {
        AlertInstance known = before == null ? null : before.open;
        if (known != null && isOf(row, known)) {
            return !TakenUp.isFurther(row, known) && (row.at() <= known.at() || !isSince(row));
        }
        RememberedAlert waiting = before == null ? null : before.waiting;
        if (TakenUp.isOver(row) && row.incident() == null) {
            // It ended lately, which matters where it goes on here, and where people who were told
            // of it since the checkpoint may not have been told its end.
            boolean goesOn = waiting != null && waiting.key().equals(row.key());
            boolean toldSince = row.firedAt() > knownUntil && !row.matter().isEmpty();
            return !goesOn && (knownUntil == NOT_YET || !toldSince);
        }
        return !isSince(row);
    }

    /** Whether a row may have been made since the checkpoint. */
    private boolean isSince(RememberedAlert row) {
        return row.at() + latenessMillis > knownUntil;
    }

    private static boolean isOf(RememberedAlert row, AlertInstance alert) {
        return alert.subject().key().equals(row.key());
    }
}
