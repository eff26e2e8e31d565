package io.onevault.jobs.alerts.incident;

import io.onevault.connectors.history.RememberedIncident;
import io.onevault.connectors.vault.HashKey;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.Earlier;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import java.util.ArrayList;
import java.util.HexFormat;
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
import org.jspecify.annotations.Nullable;

/**
 * Gathers alerts into incidents; keyed by target and tenant.
 *
 * <p>An alert that is told, or that another one explains, belongs to the incident of its cause, or
 * else to the newest open one of which an alert fired within {@value #WINDOW_MILLIS} ms before it,
 * on the watched server's clock, or opens one. It stays there to its end; an incident is over when
 * all of its alerts are. Alerts that were silenced before they were told belong to none.
 *
 * <p>One of before a restart of which only the vault knows goes on with the first of its alerts
 * that is taken up. It is not over before the others have had {@value #TAKE_UP_MILLIS} ms to come.
 *
 * <p>What changes is said at most every {@value #SAY_MILLIS} ms, by the clock of this machine, and
 * the end at once. State is the open alerts and incidents, removed with their ends.
 */
public final class GatherIncidents extends KeyedProcessFunction<String, AlertInstance, Incident> {

    private static final long serialVersionUID = 1L;

    /** Alerts that fire within this of each other are one trouble. */
    static final long WINDOW_MILLIS = 600_000;

    static final long SAY_MILLIS = 500;

    /** So long the alerts of an incident may take to be taken up after the first of them. */
    static final long TAKE_UP_MILLIS = 10_000;

    /** So many alerts that joined are said at once. */
    static final int MOST_JOINED = 500;

    private transient MapState<String, IncidentMember> members;
    private transient MapState<String, IncidentState> incidents;
    private transient ValueState<Long> sayAt;

    /** What alerts are gathered by. */
    public static String key(AlertInstance alert, LifecycleSettings settings) {
        return settings.systemOf(alert.subject().target()) + "|" + alert.subject().tenant();
    }

    @Override
    public void open(OpenContext context) {
        members =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "members",
                                        Types.STRING,
                                        TypeInformation.of(IncidentMember.class)));
        incidents =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "incidents",
                                        Types.STRING,
                                        TypeInformation.of(IncidentState.class)));
        sayAt = getRuntimeContext().getState(new ValueStateDescriptor<>("say-at", Types.LONG));
    }

    @Override
    public void processElement(AlertInstance alert, Context context, Collector<Incident> out)
            throws Exception {
        String hash = HexFormat.of().formatHex(HashKey.of(alert.subject().key()));
        IncidentMember before = members.get(hash);
        RememberedIncident remembered = remembered(alert);
        boolean belongs =
                alert.open() && (alert.told() || !alert.causeHash().isEmpty())
                        || remembered != null;
        if (before == null && !belongs) {
            return;
        }
        TimerService timers = context.timerService();
        IncidentState incident = incidentOf(alert, before, timers);
        IncidentMember after = IncidentMember.of(incident.now().key(), alert);
        IncidentState now;
        if (!alert.open() && before != null) {
            members.remove(hash);
            now = incident.leftBy(alert, before);
        } else if (!alert.open()) {
            // All that is left of an incident whose end nobody heard of.
            now = incident.joinedBy(alert, after).leftBy(alert, after);
        } else if (before != null) {
            if (after.equals(before) && alert.severity() == incident.now().severity()) {
                return;
            }
            members.put(hash, after);
            now = incident.changedBy(alert, before, after);
        } else {
            members.put(hash, after);
            now = incident.joinedBy(alert, after);
        }
        boolean newlyExplained =
                !after.cause().isEmpty() && (before == null || before.cause().isEmpty());
        if (alert.open() && newlyExplained) {
            // What the vault remembers of an incident counts those that were explained by then.
            boolean counted = before == null && remembered != null;
            now = now.explainedBy(hash, after.cause(), causeName(alert), counted ? 0 : 1);
        }
        sayOrKeep(now, timers, out);
    }

    /** Of an alert that was taken up after a restart: what the vault knows of its incident. */
    private static @Nullable RememberedIncident remembered(AlertInstance alert) {
        Earlier earlier = alert.earlier();
        return earlier == null ? null : earlier.incident();
    }

    private static String causeName(AlertInstance alert) {
        String by = alert.suppressedBy();
        return by.substring(by.indexOf('(') + 1, by.length() - 1);
    }

    private IncidentState incidentOf(
            AlertInstance alert, @Nullable IncidentMember member, TimerService timers)
            throws Exception {
        if (member != null) {
            return incidents.get(member.incident());
        }
        RememberedIncident remembered = remembered(alert);
        if (remembered != null) {
            IncidentState known = incidents.get(remembered.key());
            long endsFrom = timers.currentProcessingTime() + TAKE_UP_MILLIS;
            return known == null
                    ? IncidentState.remembered(remembered, alert.subject(), endsFrom)
                    : known;
        }
        IncidentMember cause = members.get(alert.causeHash());
        if (cause != null) {
            return incidents.get(cause.incident());
        }
        IncidentState newest = null;
        for (IncidentState open : incidents.values()) {
            if (open.now().open() > 0
                    && alert.firedAt() - open.joinedAt() <= WINDOW_MILLIS
                    && (newest == null || open.joinedAt() > newest.joinedAt())) {
                newest = open;
            }
        }
        return newest == null ? IncidentState.opened(alert) : newest;
    }

    private void sayOrKeep(IncidentState now, TimerService timers, Collector<Incident> out)
            throws Exception {
        boolean over = now.now().open() == 0;
        if (over && now.endsFrom() > timers.currentProcessingTime()) {
            incidents.put(now.now().key(), now);
            timers.registerProcessingTimeTimer(now.endsFrom());
        } else if (over) {
            out.collect(now.now());
            incidents.remove(now.now().key());
        } else if (now.now().joined().size() >= MOST_JOINED) {
            out.collect(now.now());
            incidents.put(now.now().key(), now.said());
        } else {
            incidents.put(now.now().key(), now);
            if (sayAt.value() == null) {
                long at = timers.currentProcessingTime() + SAY_MILLIS;
                sayAt.update(at);
                timers.registerProcessingTimeTimer(at);
            }
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Incident> out)
            throws Exception {
        sayAt.clear();
        List<IncidentState> changed = new ArrayList<>();
        for (IncidentState known : incidents.values()) {
            boolean over = known.now().open() == 0;
            if (over ? known.endsFrom() <= timestamp : known.changed()) {
                changed.add(known);
            }
        }
        for (IncidentState known : changed) {
            out.collect(known.now());
            if (known.now().open() == 0) {
                incidents.remove(known.now().key());
            } else {
                incidents.put(known.now().key(), known.said());
            }
        }
    }
}
