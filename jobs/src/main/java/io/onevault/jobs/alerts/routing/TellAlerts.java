package io.onevault.jobs.alerts.routing;

import io.onevault.jobs.alerts.delivery.NotificationRequest;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.Earlier;
import io.onevault.jobs.alerts.routing.AlertGroup.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Makes messages of changes of alerts, keyed by group, see {@link AlertGroup}. Waiting and
 * escalation go by processing time, for people wait by that.
 *
 * <p>A matter is named after the last complete checkpoint, its epoch, so that a restart, which
 * begins with that one, calls what it finds anew by the same name and its messages have the keys
 * they had. For that a first message waits for a checkpoint that is being made, for a second at
 * most, and after a restart the epoch stays for an hour, for some trouble is found late.
 *
 * <p>State of a group is its open alerts and a few figures; it is cleared an interval after the
 * message that all is over and when a further checkpoint is complete, by the group's one timer.
 */
final class TellAlerts extends KeyedProcessFunction<String, AlertInstance, NotificationRequest>
        implements CheckpointedFunction, CheckpointListener {

    private static final long serialVersionUID = 1L;

    /** A first message waits no longer than this for the checkpoint that is being made. */
    static final long LONGEST_HOLD_MILLIS = 1_000;

    private static final long HOLD_STEP_MILLIS = 20;

    /** How long after a restart trouble may be what was told before. */
    static final long EPOCH_AFTER_RESTART_MILLIS = 3_600_000;

    /** A group is remembered no longer than this for want of another epoch. */
    private static final long LONGEST_MEMORY_MILLIS = 2 * EPOCH_AFTER_RESTART_MILLIS;

    private static final long NOT_RESTORED = 0;
    private static final long JUST_RESTORED = Long.MAX_VALUE;

    private final AlertRouting routing;

    /** Of this job's state, once and for all; a job that begins with another's state has that's. */
    private String origin = UUID.randomUUID().toString();

    /** What new matters are named after; 0 until the first checkpoint is complete. */
    private transient long epoch;

    /** What they will be when the checkpoint is complete that is being made. */
    private transient long nextEpoch;

    /** Time of a checkpoint until which the epoch stays. */
    private transient long epochStaysUntil;

    /** The checkpoint that is being made; 0 for none. */
    private transient long begun;

    /** When a message first waited for that; 0 for never. */
    private transient long heldSince;

    private transient @Nullable ListState<String> origins;
    private transient MapState<String, GroupMember> members;
    private transient ValueState<GroupState> groups;

    TellAlerts(AlertRouting routing) {
        this.routing = routing;
    }

    /** Which alerts are told together. */
    static String group(AlertInstance alert) {
        return alert.subject().ruleKey()
                + "|"
                + alert.subject().tenant()
                + "|"
                + alert.subject().groupKey();
    }

    @Override
    public void open(OpenContext context) {
        members =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "members",
                                        Types.STRING,
                                        TypeInformation.of(GroupMember.class)));
        groups =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "group", TypeInformation.of(GroupState.class)));
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        ListState<String> kept =
                context.getOperatorStateStore()
                        .getUnionListState(new ListStateDescriptor<>("origin", Types.STRING));
        for (String known : kept.get()) {
            int slash = known.indexOf('/');
            epoch = Long.parseLong(known.substring(0, slash));
            origin = known.substring(slash + 1);
        }
        origins = kept;
        epochStaysUntil = context.isRestored() ? JUST_RESTORED : NOT_RESTORED;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        // By the checkpoint's own time, which is the same for all tasks.
        long time = context.getCheckpointTimestamp();
        if (epochStaysUntil == JUST_RESTORED) {
            epochStaysUntil = time + EPOCH_AFTER_RESTART_MILLIS;
        }
        begun = context.getCheckpointId();
        heldSince = 0;
        nextEpoch = time < epochStaysUntil ? epoch : begun;
        ListState<String> kept = origins;
        if (kept != null) {
            kept.update(List.of(nextEpoch + "/" + origin));
        }
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
        if (begun != 0 && begun <= checkpoint) {
            epoch = nextEpoch;
            begun = 0;
        }
    }

    @Override
    public void notifyCheckpointAborted(long checkpoint) {
        begun = begun <= checkpoint ? 0 : begun;
    }

    @Override
    public void processElement(
            AlertInstance alert, Context context, Collector<NotificationRequest> out)
            throws Exception {
        GroupState known = groups.value();
        GroupState state = known == null ? new GroupState() : known;
        TimerService timers = context.timerService();
        String key = alert.subject().key();
        GroupMember before = members.get(key);
        Earlier earlier = alert.earlier();
        if (before == null && earlier != null) {
            before = members.get(earlier.insteadOf());
        }
        GroupMember after =
                new AlertGroup(routing, state)
                        .change(alert, before, timers.currentProcessingTime());
        if (after != null) {
            members.put(key, after);
        } else if (before != null) {
            members.remove(key);
        }
        turn(context.getCurrentKey(), state, timers, out);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<NotificationRequest> out)
            throws Exception {
        GroupState state = groups.value();
        if (state == null) {
            return;
        }
        if (state.timerAt <= timestamp) {
            state.timerAt = 0;
        }
        turn(context.getCurrentKey(), state, context.timerService(), out);
    }

    private void turn(
            String key, GroupState state, TimerService timers, Collector<NotificationRequest> out)
            throws Exception {
        AlertGroup group = new AlertGroup(routing, state);
        long now = timers.currentProcessingTime();
        boolean due = group.isDue(now);
        if (due && group.isNew() && isHeld(now)) {
            schedule(state, now + HOLD_STEP_MILLIS, timers);
            groups.update(state);
            return;
        }
        if (due) {
            if (group.isNew()) {
                // One that takes longer than is waited for will most likely be complete.
                group.begin(origin, key, begun == 0 ? epoch : nextEpoch, members.values());
            }
            boolean further = state.untold > 0;
            Message message = group.tell(members.values(), now);
            for (String channel : message.channels()) {
                out.collect(AlertMessages.request(message, state, origin, channel, routing.link()));
            }
            // Handing it on may have taken a while, and the next one should not follow the sooner.
            group.sent(timers.currentProcessingTime());
            if (further) {
                markTold();
            }
            group.endIfResolved();
        }
        if (group.isForgotten(now) && isPast(state, now)) {
            schedule(state, Long.MAX_VALUE, timers);
            groups.clear();
            members.clear();
            return;
        }
        long next = group.nextDue();
        schedule(state, next > now ? next : now + routing.groupInterval().toMillis(), timers);
        groups.update(state);
    }

    /**
     * Whether it is not known yet after which checkpoint a matter begins that would begin now. When
     * that is known, a restart finds either the matter or nothing of it, and calls it the same.
     */
    private boolean isHeld(long now) {
        if (begun == 0 || nextEpoch == epoch) {
            return false;
        }
        heldSince = heldSince == 0 ? now : heldSince;
        return now - heldSince < LONGEST_HOLD_MILLIS;
    }

    /** Whether a restart would no longer begin the group's last matter again. */
    private boolean isPast(GroupState state, long now) {
        return state.matters == 0
                || epoch > state.epoch
                || now - state.sentAt > LONGEST_MEMORY_MILLIS;
    }

    private void markTold() throws Exception {
        List<GroupMember> untold = new ArrayList<>();
        for (GroupMember member : members.values()) {
            if (!member.told()) {
                untold.add(member);
            }
        }
        for (GroupMember member : untold) {
            members.put(member.alert().subject().key(), new GroupMember(member.alert(), true));
        }
    }

    private static void schedule(GroupState state, long due, TimerService timers) {
        if (due == state.timerAt) {
            return;
        }
        if (state.timerAt != 0) {
            timers.deleteProcessingTimeTimer(state.timerAt);
            state.timerAt = 0;
        }
        if (due != Long.MAX_VALUE) {
            timers.registerProcessingTimeTimer(due);
            state.timerAt = due;
        }
    }
}
