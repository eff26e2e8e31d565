package io.onevault.jobs.alerts.routing;

import io.onevault.connectors.notify.Status;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.Earlier;
import io.onevault.jobs.alerts.lifecycle.Severity;
import io.onevault.jobs.alerts.rules.AlertRule.EscalationStep;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Alerts of one rule, tenant and group key: what is to be told of them, when and where.
 *
 * <p>From the first alert that is told to the end of the last, a group is one matter to a receiver:
 * every message bears the key of its leader, the worst alert of the first message. A group fires
 * while one of its alerts does, is acknowledged when all that are left are, and is resolved when
 * none is left. It is told when that changes, when it becomes critical and when further alerts
 * fire; not when some of them end. Between two messages the interval passes; what happened
 * meanwhile is one message, or none if it is over again.
 *
 * <p>Of an alert that was taken up after a restart receivers may have been told before it: its end,
 * and that somebody took note of it, is told to them in any case.
 *
 * <p>Escalation counts from the first message of a group that nobody has taken note of, and begins
 * anew when a note runs out.
 */
final class AlertGroup {

    /** What a message is about. */
    record Message(
            Status status,
            Severity severity,
            AlertInstance head,
            List<String> channels,
            List<String> related,
            int relatedCount) {}

    private static final int MOST_RELATED = 10;
    private static final long MINUTE = 60_000;

    /** What may be over, or noted, is told so when nothing of it has come for this long. */
    private static final long LEAST_WAIT_FOR_END = 1_000;

    private final AlertRouting routing;
    private final GroupState state;

    /**
     * @param state changed in place
     */
    AlertGroup(AlertRouting routing, GroupState state) {
        this.routing = routing;
        this.state = state;
    }

    /**
     * Takes a change of an alert.
     *
     * @param before the member it was, or that it stands in for after a restart; null for none
     * @return the member it is now; null for none
     */
    @Nullable GroupMember change(AlertInstance alert, @Nullable GroupMember before, long now) {
        Earlier earlier = alert.earlier();
        boolean known = before != null && before.alert().subject().key().equals(key(alert));
        boolean takenUp = !known && earlier != null && earlier.told();
        if (!known && !takenUp && (!alert.told() || !alert.open())) {
            return null;
        }
        if (earlier != null && takenUp && isNew()) {
            state.maybeTold = true;
            state.knownMatter = earlier.matter().isEmpty() ? knownMatter() : earlier.matter();
        } else if (before != null && known && before.alert().status() != AlertStatus.FIRING) {
            state.more |= state.maybeTold && isNew() && alert.status() == AlertStatus.FIRING;
        }
        if (earlier != null && earlier.told()) {
            Set<String> everywhere = new LinkedHashSet<>(state.toldChannels);
            everywhere.addAll(earlier.channels());
            state.toldChannels = new ArrayList<>(everywhere);
        }
        if (before != null && known) {
            count(before, -1);
        }
        GroupMember after = null;
        if (alert.open()) {
            boolean told = before != null && before.told();
            after = new GroupMember(alert, told);
            count(after, 1);
        }
        if (state.since == 0 || alert.pendingSince() < state.since) {
            state.since = alert.pendingSince();
        }
        state.last = alert;
        state.changedAt = Math.max(state.changedAt, alert.at());
        notice(now);
        return after;
    }

    /** State of before this was kept has none. */
    private String knownMatter() {
        return Objects.requireNonNullElse(state.knownMatter, "");
    }

    private static String key(AlertInstance alert) {
        return alert.subject().key();
    }

    /** Whether a message is due. */
    boolean isDue(long now) {
        return dueAt() <= now;
    }

    /** When there will be something to do; {@link Long#MAX_VALUE} for never. */
    long nextDue() {
        return isForgettable() ? state.sentAt + interval() : dueAt();
    }

    /** Whether the next message is the first of a new matter. */
    boolean isNew() {
        return state.leader.isEmpty();
    }

    /**
     * Names the matter that the next message begins. What happened since a checkpoint decides, and
     * not what is still remembered of the time before, for a restart may remember more.
     *
     * @param origin of the job's state
     * @param group its key
     * @param checkpoint the last one
     * @param members all there are
     */
    void begin(String origin, String group, long checkpoint, Iterable<GroupMember> members) {
        if (checkpoint != state.epoch) {
            state.epoch = checkpoint;
            state.matters = 0;
        }
        String anew = AlertMessages.matter(origin, group, checkpoint, state.matters);
        state.matter = knownMatter().isEmpty() ? anew : knownMatter();
        state.matters++;
        // A note or an end has the number that it had when the message before it was made, and what
        // that did not say has another.
        boolean more = state.more || state.maybeTold && saysMore(members);
        state.messages = status() != Status.FIRING || more ? 1 : 0;
        state.more = false;
    }

    /** Whether a member fires of which receivers cannot have been told before a restart. */
    private static boolean saysMore(Iterable<GroupMember> members) {
        for (GroupMember member : members) {
            Earlier earlier = member.alert().earlier();
            if (member.alert().status() == AlertStatus.FIRING
                    && (earlier == null || !earlier.told())) {
                return true;
            }
        }
        return false;
    }

    /** Whether nothing is left but the time of the last message. */
    boolean isForgettable() {
        return state.open == 0 && state.leader.isEmpty() && !state.maybeTold;
    }

    /** Whether that time no longer matters either. */
    boolean isForgotten(long now) {
        return isForgettable() && (state.sentAt == 0 || state.sentAt + interval() <= now);
    }

    /**
     * Makes the message that is due. All members count as told from here.
     *
     * @param members all there are
     */
    Message tell(Iterable<GroupMember> members, long now) {
        boolean news = state.newsAt != 0;
        Status status = status();
        AlertInstance last = state.last;
        if (last == null) {
            throw new IllegalStateException("a group without a change has nothing to tell");
        }
        Severity severity =
                status == Status.FIRING ? severity() : state.maybeTold ? last.severity() : told();
        AlertInstance head = last;
        List<String> related = new ArrayList<>();
        int others = 0;
        if (status != Status.RESOLVED) {
            for (GroupMember member : members) {
                head = worse(member.alert(), head);
            }
            for (GroupMember member : members) {
                if (!member.alert().subject().key().equals(head.subject().key())) {
                    others++;
                    if (related.size() < MOST_RELATED) {
                        related.add(member.alert().message());
                    }
                }
            }
        }
        if (state.leader.isEmpty()) {
            state.leader = head.subject().key();
        }
        state.counted += state.untold;
        state.untold = 0;
        int count = status == Status.RESOLVED ? Math.max(0, state.counted - 1) : others;
        List<String> channels = channels(status, severity, news, now);
        state.maybeTold = state.maybeTold && status != Status.FIRING;
        state.toldStatus = status.word();
        if (state.toldSeverity == null || severity.compareTo(state.toldSeverity) > 0) {
            state.toldSeverity = severity;
        }
        Set<String> everywhere = new LinkedHashSet<>(state.toldChannels);
        everywhere.addAll(channels);
        state.toldChannels = new ArrayList<>(everywhere);
        state.messages++;
        state.newsAt = 0;
        return new Message(status, severity, head, channels, related, count);
    }

    /** The interval to the next message counts from when this one was handed on. */
    void sent(long now) {
        state.sentAt = now;
    }

    /** After the message that it is over: nothing is left but its time. */
    void endIfResolved() {
        if (state.open > 0) {
            return;
        }
        state.leader = "";
        state.maybeTold = false;
        state.knownMatter = "";
        state.more = false;
        state.last = null;
        state.since = 0;
        state.changedAt = 0;
        state.matter = "";
        state.counted = 0;
        state.toldStatus = "";
        state.toldSeverity = null;
        state.toldChannels = new ArrayList<>();
        state.unacknowledgedSince = 0;
        state.escalated = 0;
    }

    private void count(GroupMember member, int by) {
        AlertInstance alert = member.alert();
        boolean fires = alert.status() == AlertStatus.FIRING;
        state.open += by;
        state.firing += fires ? by : 0;
        state.critical += alert.severity() == Severity.CRITICAL ? by : 0;
        state.untold += fires && !member.told() ? by : 0;
    }

    private void notice(long now) {
        Status status = status();
        if (status != Status.FIRING) {
            state.unacknowledgedSince = 0;
            state.escalated = 0;
        } else if (!state.leader.isEmpty() && state.unacknowledgedSince == 0) {
            state.unacknowledgedSince = now;
        }
        if (!isNews(status)) {
            state.newsAt = 0;
        } else if (state.newsAt == 0) {
            state.newsAt = now;
        }
        if (state.leader.isEmpty() && state.open == 0 && !state.maybeTold) {
            // It began and ended before it could be told.
            endIfResolved();
        }
    }

    private boolean isNews(Status status) {
        if (state.leader.isEmpty()) {
            return status == Status.FIRING || state.maybeTold;
        }
        return !status.word().equals(state.toldStatus)
                || status == Status.FIRING
                        && (state.untold > 0 || severity().compareTo(told()) > 0);
    }

    private Status status() {
        if (state.open == 0) {
            return Status.RESOLVED;
        }
        return state.firing == 0 ? Status.ACKNOWLEDGED : Status.FIRING;
    }

    private Severity severity() {
        return state.critical > 0 ? Severity.CRITICAL : Severity.WARNING;
    }

    private Severity told() {
        Severity told = state.toldSeverity;
        return told == null ? Severity.WARNING : told;
    }

    private long dueAt() {
        long news = state.newsAt == 0 ? Long.MAX_VALUE : state.newsAt + patience();
        long due = Math.min(news, escalationAt());
        return due == Long.MAX_VALUE || state.sentAt == 0
                ? due
                : Math.max(due, state.sentAt + interval());
    }

    /** Only the first message waits for company; the interval is enough for the others. */
    private long patience() {
        if (!state.leader.isEmpty()) {
            return 0;
        }
        long wait = routing.groupWait().toMillis();
        return status() == Status.FIRING ? wait : Math.max(wait, LEAST_WAIT_FOR_END);
    }

    private long escalationAt() {
        List<EscalationStep> steps = steps();
        return state.unacknowledgedSince == 0 || state.escalated >= steps.size()
                ? Long.MAX_VALUE
                : state.unacknowledgedSince + steps.get(state.escalated).afterMinutes() * MINUTE;
    }

    private List<EscalationStep> steps() {
        AlertInstance last = state.last;
        return last == null ? List.of() : last.subject().escalation();
    }

    /** News go to all, the next step alone to those it names. */
    private List<String> channels(Status status, Severity severity, boolean news, long now) {
        if (status != Status.FIRING && !state.maybeTold) {
            return List.copyOf(state.toldChannels);
        }
        if (status != Status.FIRING) {
            AlertInstance last = state.last;
            Set<String> maybe = new LinkedHashSet<>(state.toldChannels);
            maybe.addAll(
                    routing.route(last == null ? List.of() : last.subject().channels(), severity));
            return List.copyOf(maybe);
        }
        if (state.unacknowledgedSince == 0) {
            state.unacknowledgedSince = now;
        }
        Set<String> stepped = new LinkedHashSet<>();
        while (escalationAt() <= now) {
            stepped.addAll(steps().get(state.escalated).channels());
            state.escalated++;
        }
        if (!news) {
            return List.copyOf(stepped);
        }
        AlertInstance last = state.last;
        List<String> ofRule = last == null ? List.of() : last.subject().channels();
        Set<String> all = new LinkedHashSet<>(routing.route(ofRule, severity));
        for (int step = 0; step < Math.min(state.escalated, steps().size()); step++) {
            all.addAll(steps().get(step).channels());
        }
        return List.copyOf(all);
    }

    /** The one to be named first: it fires, is worse, is older. */
    private static AlertInstance worse(AlertInstance one, AlertInstance other) {
        if (!other.open()) {
            return one;
        }
        boolean fires = one.status() == AlertStatus.FIRING;
        if (fires != (other.status() == AlertStatus.FIRING)) {
            return fires ? one : other;
        }
        int severity = one.severity().compareTo(other.severity());
        if (severity != 0) {
            return severity > 0 ? one : other;
        }
        if (one.firedAt() != other.firedAt()) {
            return one.firedAt() < other.firedAt() ? one : other;
        }
        return one.subject().key().compareTo(other.subject().key()) <= 0 ? one : other;
    }

    private long interval() {
        return routing.groupInterval().toMillis();
    }
}
