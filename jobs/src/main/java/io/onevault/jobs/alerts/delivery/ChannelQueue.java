package io.onevault.jobs.alerts.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The order in which a channel's notifications take their turns: those of one alert one after the
 * other as they came, others as they fall due. An index of keys and times over what is kept in
 * state, built from it anew after a restart, so that a turn does not cost a look at all of them.
 */
final class ChannelQueue {

    /**
     * @param untried whether it is certain that no attempt was made at it, in no run of the job
     */
    private record Turn(
            String key, String alert, long order, long since, long due, boolean untried) {}

    private static final Comparator<Turn> BY_TIME =
            Comparator.comparingLong(Turn::due).thenComparingLong(Turn::order);

    /** In the order of arrival. */
    private final Map<String, Turn> turns = new LinkedHashMap<>();

    private final Map<String, Deque<Turn>> alerts = new HashMap<>();

    /** The first of each alert. */
    private final TreeSet<Turn> heads = new TreeSet<>(BY_TIME);

    private long order;

    /**
     * A queue of what was kept, which the run before may have sent after it was kept.
     *
     * @param pending in any order
     */
    ChannelQueue(Collection<PendingNotification> pending) {
        pending.stream()
                .sorted(Comparator.comparingLong(PendingNotification::order))
                .forEach(one -> add(one, false));
    }

    /** The order of the next one to arrive. */
    long nextOrder() {
        return order;
    }

    boolean isEmpty() {
        return turns.isEmpty();
    }

    int size() {
        return turns.size();
    }

    boolean contains(String key) {
        return turns.containsKey(key);
    }

    /**
     * Puts one behind the others.
     *
     * @param isNew whether no run before can have sent it
     */
    void add(PendingNotification arrived, boolean isNew) {
        Turn turn = turn(arrived, isNew);
        turns.put(turn.key(), turn);
        order = Math.max(order, turn.order() + 1);
        Deque<Turn> same = alerts.computeIfAbsent(turn.alert(), alert -> new ArrayDeque<>());
        same.addLast(turn);
        if (same.size() == 1) {
            heads.add(turn);
        }
    }

    /** Takes note of what has changed about the first one of an alert. */
    void update(PendingNotification changed) {
        Turn turn = turn(changed, false);
        Turn before = turns.replace(turn.key(), turn);
        Deque<Turn> same = alerts.get(turn.alert());
        if (before == null || same == null || !before.equals(same.peekFirst())) {
            throw new IllegalStateException("only the first notification of an alert is tried");
        }
        same.removeFirst();
        same.addFirst(turn);
        heads.remove(before);
        heads.add(turn);
    }

    void remove(String key) {
        Turn turn = turns.remove(key);
        Deque<Turn> same = turn == null ? null : alerts.get(turn.alert());
        if (turn == null || same == null) {
            return;
        }
        boolean first = turn.equals(same.peekFirst());
        same.remove(turn);
        if (first) {
            heads.remove(turn);
        }
        if (same.isEmpty()) {
            alerts.remove(turn.alert());
        } else if (first) {
            heads.add(same.getFirst());
        }
    }

    /** Notifications of an alert that nobody can have sent, in their order. */
    List<String> untried(String alert) {
        List<String> found = new ArrayList<>();
        Deque<Turn> same = alerts.get(alert);
        if (same != null) {
            same.stream().filter(Turn::untried).map(Turn::key).forEach(found::add);
        }
        return found;
    }

    /** The one whose turn is next; null when there is none. */
    @Nullable String next() {
        return heads.isEmpty() ? null : heads.first().key();
    }

    /** When that one may be tried. */
    long nextDueMicros() {
        return heads.isEmpty() ? Long.MAX_VALUE : heads.first().due();
    }

    /** The one that came first; null when there is none. */
    @Nullable String oldest() {
        return turns.isEmpty() ? null : turns.keySet().iterator().next();
    }

    /** When that one came. */
    long oldestSinceMicros() {
        return turns.isEmpty() ? Long.MAX_VALUE : turns.values().iterator().next().since();
    }

    private static Turn turn(PendingNotification pending, boolean untried) {
        return new Turn(
                pending.key(),
                pending.alert(),
                pending.order(),
                pending.requestedAtMicros(),
                pending.dueMicros(),
                untried);
    }
}
