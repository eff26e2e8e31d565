package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.history.RememberedAlert;
import io.onevault.connectors.history.RememberedIncident;
import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.rules.AlertRule;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes up alerts of before a restart that only the vault remembers: those that began after the
 * checkpoint from which the job goes on, or fired after it, or all where it began without one. Each
 * goes on as the same alert, and its next values say how.
 */
public final class TakenUp {

    private static final String GOES_ON = "goes on as the alert that began before a restart";
    private static final String TOLD_ANEW = "goes on as the alert that was told meanwhile";
    private static final String EXPLAINS = "; explains ";

    private static final long OLD_MILLIS = 3_600_000;

    private TakenUp() {}

    /** Whether something was so long ago that it is no news; {@code clock} is this machine's. */
    public static boolean isOld(long at, long clock) {
        return at + OLD_MILLIS < clock;
    }

    /** Whether an alert is, and all that may be left of it is its incident. */
    public static boolean isOver(RememberedAlert row) {
        return row.status().equals(AlertStatus.RESOLVED.name());
    }

    /**
     * Whether the vault knows more of an alert than is known here: that it fired, or that people
     * were told. That of one which counts as told shortly before says nothing: where people were
     * not, {@code ExplainAlerts} lets it fire.
     */
    public static boolean isFurther(RememberedAlert row, AlertInstance known) {
        boolean told = row.told() && !known.told() && !Quiet.isRepeat(known.suppressedBy());
        return row.firedAt() != 0 && known.firedAt() == 0 || told;
    }

    /**
     * Ends once more an alert that ended before the vault was read, if people may have been told of
     * it, or of more, since the checkpoint.
     *
     * @param since whether the row may have been made since the checkpoint
     */
    public static void endOnceMore(
            RememberedAlert row,
            @Nullable AlertRule rule,
            WatchedSeries watched,
            AlertInstance ended,
            boolean since,
            Consumer<AlertInstance> out) {
        boolean further = isFurther(row, ended);
        boolean toldMore = row.told() && since && row.at() > lastChange(ended);
        // What was told here was of an incident here, which it has left.
        AlertInstance earlier =
                alert(row, rule, watched, row.told(), "", 0, further ? row.incident() : null);
        if (earlier.open() && (further || toldMore)) {
            over(earlier, ended.at(), ended.reason(), out);
        }
    }

    /**
     * When one that is over changed last before that, as far as it says. Where two things came at
     * once, as the first value beyond a threshold may bring, a millisecond is between them.
     */
    private static long lastChange(AlertInstance over) {
        return 1
                + Math.max(
                        Math.max(over.pendingSince(), over.firedAt()),
                        Math.max(over.acknowledgedAt(), over.suppressedAt()));
    }

    /** Keeps an alert, of which nobody hears, until it goes on. */
    public static void await(RememberedAlert row, AlertState state) {
        state.waiting = row;
        if (!isOver(row)) {
            state.lastAt = Math.max(state.lastAt, row.at() + 1);
        }
    }

    /**
     * Goes on with an alert that waits for that.
     *
     * @param rule null for one that no rule wants any longer
     * @param state of the rule and the series, changed in place
     * @param clock this machine's, milliseconds since the epoch
     * @param out takes the alert as it stands, whether it is over or not
     */
    public static void goOn(
            @Nullable AlertRule rule,
            WatchedSeries watched,
            AlertState state,
            long clock,
            Consumer<AlertInstance> out) {
        RememberedAlert row = state.waiting;
        state.waiting = null;
        if (row != null && isOver(row)) {
            sayItIsOver(row, rule, watched, state, clock, out);
        } else if (row != null) {
            takeUp(row, rule, watched, state, out);
        }
    }

    /**
     * One that ended after the checkpoint, or the last alert of an incident whose end was lost;
     * people hear of it if it is news to them.
     */
    private static void sayItIsOver(
            RememberedAlert row,
            @Nullable AlertRule rule,
            WatchedSeries watched,
            AlertState state,
            long clock,
            Consumer<AlertInstance> out) {
        boolean told = row.told() && !isOld(row.resolvedAt(), clock);
        AlertInstance over = alert(row, rule, watched, told, "", 0, row.incident());
        AlertInstance open = state.open;
        // Findings are told again after a restart: what counted for it begins no other alert.
        state.lastAt = Math.max(state.lastAt, row.at());
        if (open != null && open.subject().key().equals(row.key())) {
            AlertCase.end(state, over.at(), over.reason(), change -> {});
        }
        out.accept(over);
    }

    private static void takeUp(
            RememberedAlert row,
            @Nullable AlertRule rule,
            WatchedSeries watched,
            AlertState state,
            Consumer<AlertInstance> out) {
        AlertInstance open = state.open;
        boolean same = open != null && open.subject().key().equals(row.key());
        AlertInstance anew = same ? null : open;
        String insteadOf = anew == null ? "" : anew.subject().key();
        AlertInstance earlier =
                alert(row, rule, watched, row.told(), insteadOf, state.lastAt, row.incident());
        if (anew != null && anew.told() && !row.told() && !isExplained(row)) {
            // People know of the newer one alone.
            over(earlier, earlier.at(), TOLD_ANEW, out);
            return;
        }
        state.open = earlier;
        state.lastAt = Math.max(state.lastAt, earlier.at());
        state.crossedSince = earlier.pendingSince();
        if (earlier.severity() == Severity.CRITICAL) {
            state.criticalSince = earlier.pendingSince();
        }
        boolean counted = anew != null || state.firings.contains(earlier.firedAt());
        if (earlier.firedAt() != 0 && !counted) {
            state.firings.add(earlier.firedAt());
        }
        state.suppressedUntil = 0;
        boolean noted = earlier.status() == AlertStatus.ACKNOWLEDGED;
        boolean heard = noted || row.noteHeard();
        state.noteRow = heard ? row.noteRow() : 0;
        state.noteUntil = heard ? row.noteUntil() : 0;
        state.acknowledgedUntil = noted ? row.noteUntil() : 0;
        out.accept(earlier);
        if (anew != null) {
            over(anew, anew.at(), GOES_ON, out);
        }
    }

    private static void over(
            AlertInstance alert, long after, String reason, Consumer<AlertInstance> out) {
        AlertInstance ended = alert.after(Trigger.ENDED, Math.max(alert.at(), after) + 1, reason);
        if (ended != null) {
            out.accept(ended);
        }
    }

    /**
     * By its own values: what another one explains fires, until that is decided anew.
     *
     * @param told whether people may have been told
     * @param now as far as it is known
     */
    private static AlertInstance alert(
            RememberedAlert row,
            @Nullable AlertRule rule,
            WatchedSeries watched,
            boolean told,
            String insteadOf,
            long now,
            @Nullable RememberedIncident incident) {
        boolean explained = isExplained(row);
        AlertStatus status = explained ? AlertStatus.FIRING : AlertStatus.valueOf(row.status());
        int more = row.message().indexOf(EXPLAINS);
        return new AlertInstance(
                subject(row, rule, watched),
                status,
                Severity.valueOf(row.severity()),
                row.value(),
                row.threshold(),
                more < 0 ? row.message() : row.message().substring(0, more),
                row.pendingSince(),
                row.firedAt(),
                row.acknowledgedAt(),
                row.acknowledgedBy(),
                explained ? 0 : row.suppressedAt(),
                explained ? "" : row.suppressedBy(),
                row.resolvedAt(),
                row.reason(),
                row.flapping(),
                row.told() || explained,
                Math.max(row.at() + 1, now),
                new Earlier(told, insteadOf, row.matter(), row.channels(), incident));
    }

    private static boolean isExplained(RememberedAlert row) {
        return row.status().equals(AlertStatus.SUPPRESSED.name())
                && AlertInstance.isExplained(row.suppressedBy());
    }

    private static AlertSubject subject(
            RememberedAlert row, @Nullable AlertRule rule, WatchedSeries watched) {
        if (rule != null) {
            return AlertSubject.of(row.key(), rule, watched);
        }
        SeriesId series = watched.id();
        return new AlertSubject(
                row.key(),
                row.ruleKey(),
                row.ruleName(),
                row.ruleVersion(),
                "",
                "",
                row.channels(),
                List.of(),
                series.tenant(),
                series.target(),
                watched.text(),
                series.metric(),
                series.labels(),
                row.unit(),
                row.groupKey(),
                List.of(),
                "",
                0,
                false,
                watched.pollMillis());
    }
}
