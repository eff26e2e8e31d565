package io.onevault.jobs.alerts.routing;

import io.onevault.jobs.alerts.delivery.NotificationRequest;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.routing.AlertGroup.Message;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Makes messages of changes of alerts, keyed by group, see {@link AlertGroup}. Waiting and
 * escalation go by processing time, for people wait by that.
 *
 * <p>State of a group is its open alerts and a few figures; it is cleared an interval after the
 * message that all is over, by the group's one timer.
 */
final class TellAlerts extends KeyedProcessFunction<String, AlertInstance, NotificationRequest> {

    private static final long serialVersionUID = 1L;

    private final AlertRouting routing;

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
    public void processElement(
            AlertInstance alert, Context context, Collector<NotificationRequest> out)
            throws Exception {
        GroupState known = groups.value();
        GroupState state = known == null ? new GroupState() : known;
        TimerService timers = context.timerService();
        String key = alert.subject().key();
        GroupMember before = members.get(key);
        GroupMember after =
                new AlertGroup(routing, state)
                        .change(alert, before, timers.currentProcessingTime());
        if (after != null) {
            members.put(key, after);
        } else if (before != null) {
            members.remove(key);
        }
        turn(state, timers, out);
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
        turn(state, context.timerService(), out);
    }

    private void turn(GroupState state, TimerService timers, Collector<NotificationRequest> out)
            throws Exception {
        AlertGroup group = new AlertGroup(routing, state);
        long now = timers.currentProcessingTime();
        if (group.isDue(now)) {
            boolean further = state.untold > 0;
            Message message = group.tell(members.values(), now);
            for (String channel : message.channels()) {
                out.collect(AlertMessages.request(message, state, channel, routing.link()));
            }
            if (further) {
                markTold();
            }
            group.endIfResolved();
        }
        if (group.isForgotten(now)) {
            schedule(state, Long.MAX_VALUE, timers);
            groups.clear();
            members.clear();
            return;
        }
        schedule(state, group.nextDue(), timers);
        groups.update(state);
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
