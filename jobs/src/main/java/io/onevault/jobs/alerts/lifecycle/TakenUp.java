package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.history.RememberedAlert;
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

    /** Whether all that is left of an alert is its incident. */
    public static boolean isOver(RememberedAlert row) {
        return row.status().equals(AlertStatus.RESOLVED.name());
    }

    /**
     * Whether the vault knows more of an alert than is known here: that it fired, or that people
     * were told.
     */
    public static boolean isFurther(RememberedAlert row, AlertInstance known) {
        boolean fired = !row.status().equals(AlertStatus.PENDING.name());
        return fired && known.firedAt() == 0 || row.told() && !known.told();
    }

    /** Ends an alert that ended untold, by what was known of it here, and had fired after that. */
    public static void endOnceMore(
            RememberedAlert row,
            @Nullable AlertRule rule,
            WatchedSeries watched,
            AlertInstance ended,
            Consumer<AlertInstance> out) {
        AlertInstance earlier = alert(row, rule, watched, row.told(), "", 0);
        if (isFurther(row, ended) && earlier.open()) {
            over(earlier, ended.at(), ended.reason(), out);
        }
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
     * The last alert of an incident whose end was lost; people hear of it if it is news to them.
     */
    private static void sayItIsOver(
            RememberedAlert row,
            @Nullable AlertRule rule,
            WatchedSeries watched,
            AlertState state,
            long clock,
            Consumer<AlertInstance> out) {
        boolean told = row.told() && !isOld(row.resolvedAt(), clock);
        AlertInstance over = alert(row, rule, watched, told, "", 0);
        AlertInstance open = state.open;
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
        AlertInstance earlier = alert(row, rule, watched, row.told(), insteadOf, state.lastAt);
        if (anew != null && anew.told() && !row.told()) {
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
        state.acknowledgedUntil = 0;
        state.noteRow = 0;
        state.noteUntil = 0;
        if (earlier.status() == AlertStatus.ACKNOWLEDGED) {
            state.noteRow = row.noteRow();
            state.noteUntil = row.noteUntil();
            state.acknowledgedUntil = row.noteUntil();
        }
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
            long now) {
        boolean explained =
                row.status().equals(AlertStatus.SUPPRESSED.name())
                        && AlertInstance.isExplained(row.suppressedBy());
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
                new Earlier(told, insteadOf, row.matter(), row.channels(), row.incident()));
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
                List.of(),
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
