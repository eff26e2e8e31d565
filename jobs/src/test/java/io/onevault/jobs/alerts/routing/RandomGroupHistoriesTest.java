package io.onevault.jobs.alerts.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.Status;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.AlertSubject;
import io.onevault.jobs.alerts.lifecycle.Severity;
import io.onevault.jobs.alerts.routing.AlertGroup.Message;
import io.onevault.jobs.alerts.rules.AlertRule.EscalationStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens to a group's alerts, some things hold. */
class RandomGroupHistoriesTest {

    private static final long INTERVAL = 60_000;
    private static final long CHECKPOINTS = 90_000;
    private static final int STEPS = 5_000;
    private static final int ALERTS = 6;
    private static final AlertRouting ROUTING =
            new AlertRouting(
                    List.of(),
                    List.of("mail", "pager"),
                    Map.of("pager", Severity.CRITICAL),
                    Duration.ofMillis(500),
                    Duration.ofMillis(INTERVAL),
                    "");

    private final TreeMap<String, GroupMember> members = new TreeMap<>();
    private final GroupState state = new GroupState();
    private final AlertGroup group = new AlertGroup(ROUTING, state);
    private final Set<String> keys = new HashSet<>();

    /** By channel, the leader of what it was told last that is not over. */
    private final Map<String, String> openAt = new TreeMap<>();

    private long now = 1_700_000_000_000L;
    private long sent;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whoWasToldIsToldTheEndAndNobodyTooOften(long seed) {
        Random random = new Random(seed);
        AlertInstance[] alerts = new AlertInstance[ALERTS];
        long began = now;
        for (int step = 0; step < STEPS; step++) {
            pass(random.nextInt(20) == 0 ? 200_000 : random.nextInt(5_000));
            int which = random.nextInt(ALERTS);
            alerts[which] = next(alerts[which], which * 1_000 + step, random);
            change(alerts[which]);
            assertThatTheFiguresAreRight();
        }
        for (AlertInstance alert : alerts) {
            if (alert != null && alert.open()) {
                change(with(alert, AlertStatus.RESOLVED, alert.severity()));
            }
        }
        pass(3 * INTERVAL);
        assertThat(openAt).as("told, and never told the end").isEmpty();
        assertThat(members).isEmpty();
        assertThat(group.isForgotten(now)).isTrue();
        assertThat(keys.size()).isGreaterThan(100);
        assertThat((now - began) / INTERVAL).isGreaterThan(100);
    }

    private void pass(long millis) {
        long until = now + millis;
        while (group.nextDue() <= until && !group.isForgotten(until)) {
            now = Math.max(now, group.nextDue());
            turn();
        }
        now = until;
        turn();
    }

    private void change(AlertInstance alert) {
        String key = alert.subject().key();
        GroupMember after = group.change(alert, members.get(key), now);
        if (after == null) {
            members.remove(key);
        } else {
            members.put(key, after);
        }
        turn();
    }

    private void turn() {
        if (!group.isDue(now)) {
            return;
        }
        if (group.isNew()) {
            group.begin("job", "group", now / CHECKPOINTS, members.values());
        }
        Message message = group.tell(members.values(), now);
        group.sent(now);
        members.replaceAll((key, member) -> new GroupMember(member.alert(), true));
        assertThat(now - sent).as("since the last message").isGreaterThanOrEqualTo(INTERVAL);
        sent = now;
        for (String channel : message.channels()) {
            assertThat(
                            keys.add(
                                    AlertMessages.request(message, state, "job", channel, "")
                                            .notification()
                                            .idempotencyKey()))
                    .as("a key of its own")
                    .isTrue();
            String before = openAt.get(channel);
            assertThat(before == null || before.equals(state.leader))
                    .as("one matter at a time")
                    .isTrue();
            if (message.status() == Status.RESOLVED) {
                assertThat(openAt.remove(channel)).isEqualTo(state.leader);
            } else {
                openAt.put(channel, state.leader);
            }
        }
        group.endIfResolved();
    }

    private void assertThatTheFiguresAreRight() {
        List<GroupMember> all = new ArrayList<>(members.values());
        assertThat(state.open).isEqualTo(all.size());
        assertThat(state.firing).isEqualTo(all.stream().filter(this::fires).count());
        assertThat(state.untold)
                .isEqualTo(all.stream().filter(this::fires).filter(one -> !one.told()).count());
        assertThat(state.critical)
                .isEqualTo(
                        all.stream()
                                .filter(one -> one.alert().severity() == Severity.CRITICAL)
                                .count());
    }

    private boolean fires(GroupMember member) {
        return member.alert().status() == AlertStatus.FIRING;
    }

    private AlertInstance next(@Nullable AlertInstance before, int id, Random random) {
        Severity severity = random.nextInt(3) == 0 ? Severity.CRITICAL : Severity.WARNING;
        if (before == null || !before.open()) {
            return begun("a" + id, severity);
        }
        return switch (random.nextInt(4)) {
            case 0 -> with(before, AlertStatus.ACKNOWLEDGED, before.severity());
            case 1 -> with(before, AlertStatus.FIRING, severity);
            default -> with(before, AlertStatus.RESOLVED, before.severity());
        };
    }

    private AlertInstance with(AlertInstance before, AlertStatus status, Severity severity) {
        return alert(before.subject(), status, severity, before.at() + 1);
    }

    private AlertInstance begun(String key, Severity severity) {
        return alert(
                new AlertSubject(
                        key,
                        "ab",
                        "rule",
                        1,
                        "",
                        "",
                        List.of(),
                        List.of(
                                new EscalationStep(2, List.of("boss")),
                                new EscalationStep(5, List.of("boss", "owner"))),
                        "",
                        "shop",
                        "shop||used_pct",
                        "used_pct",
                        Map.of(),
                        "%",
                        "shop",
                        List.of(),
                        "",
                        0,
                        false,
                        0),
                AlertStatus.FIRING,
                severity,
                now);
    }

    private AlertInstance alert(
            AlertSubject subject, AlertStatus status, Severity severity, long at) {
        return new AlertInstance(
                subject,
                status,
                severity,
                97,
                90,
                subject.key(),
                now,
                now,
                0,
                "",
                0,
                "",
                status == AlertStatus.RESOLVED ? now : 0,
                "",
                false,
                true,
                at,
                null);
    }
}
