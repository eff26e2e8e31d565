package io.onevault.jobs.alerts.findings;

import io.onevault.jobs.metrics.LiveValue;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How many events a series has had within the last while. Each event and the end of each is told as
 * of its moment, whenever it is noticed; in between the count is said again each minute, for only a
 * value releases an alert that was silenced.
 *
 * <p>Of a server's clock only its events tell; since the last of them it is taken to have gone as
 * this machine's.
 */
final class RecentCounts {

    /**
     * Of more at one time neighbours are added up, so that each counts about as long as it should.
     */
    static final int MOST_KEPT = 200;

    /** Nothing later is known of an event that was added to another. */
    private static final String ADDED_UP = "";

    private static final long AGAIN_MILLIS = Duration.ofMinutes(1).toMillis();

    private final String series;
    private final RecentState state;
    private final long now;

    /**
     * @param now on this machine's clock, milliseconds since the epoch
     */
    RecentCounts(String series, RecentState state, long now) {
        this.series = series;
        this.state = state;
        this.now = now;
    }

    /** Takes in an event, or what is known of one by now. */
    void observe(FoundEvent event, Consumer<LiveValue> out) {
        state.heardMillis = Math.max(state.heardMillis, event.at());
        state.heardAt = now;
        pass(event.at(), out);
        for (int i = 0; i < state.events.size(); i++) {
            FoundEvent known = state.events.get(i);
            if (known.id().equals(event.id())) {
                replace(i, known, event, out);
                return;
            }
        }
        if (event.count() <= 0) {
            return;
        }
        if (state.events.size() >= MOST_KEPT) {
            addUp();
        }
        insert(event);
        tell(event.at(), event.about(), out);
    }

    private void replace(int i, FoundEvent known, FoundEvent event, Consumer<LiveValue> out) {
        state.events.remove(i);
        if (event.count() > 0) {
            long at = Math.max(known.at(), event.at());
            insert(counting(event, event.id(), at, event.count()));
        }
        if (event.count() != known.count()) {
            tell(event.at(), event.about(), out);
        }
    }

    /**
     * Makes one of the two neighbours that this costs least: events times by how much longer they
     * count. Of older ones, for what is new may be known better soon.
     */
    private void addUp() {
        int cheapest = 0;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < state.events.size() / 2; i++) {
            FoundEvent earlier = state.events.get(i);
            long cost = (state.events.get(i + 1).at() - earlier.at()) * earlier.count();
            if (cost < least) {
                least = cost;
                cheapest = i;
            }
        }
        FoundEvent earlier = state.events.remove(cheapest);
        FoundEvent later = state.events.get(cheapest);
        int count = earlier.count() + later.count();
        state.events.set(cheapest, counting(later, ADDED_UP, later.at(), count));
    }

    private void insert(FoundEvent event) {
        int i = state.events.size();
        while (i > 0 && state.events.get(i - 1).at() > event.at()) {
            i--;
        }
        state.events.add(i, event);
    }

    private static FoundEvent counting(FoundEvent event, String id, long at, int count) {
        return new FoundEvent(event.series(), id, at, count, event.keptMillis(), event.about());
    }

    /** Lets time go by until now. */
    void wake(Consumer<LiveValue> out) {
        long server = state.heardMillis + Math.max(0, now - state.heardAt);
        pass(server, out);
        if (!state.events.isEmpty() && now >= state.saidAt + AGAIN_MILLIS) {
            // Of a stream that is hours behind it would be too old to be alive.
            tell(Math.max(server, now), newest().about(), out);
        }
    }

    /** When it is to be woken next, on this machine's clock; 0 for never. */
    long nextWake() {
        return state.events.isEmpty()
                ? 0
                : Math.min(state.saidAt + AGAIN_MILLIS, state.heardAt + due() - state.heardMillis);
    }

    private void pass(long millis, Consumer<LiveValue> out) {
        while (!state.events.isEmpty() && due() <= millis) {
            long at = due();
            state.events.remove(0);
            tell(at, state.events.isEmpty() ? "none since" : newest().about(), out);
        }
    }

    /** When the oldest event counts no longer, on its server's clock. */
    private long due() {
        FoundEvent oldest = state.events.get(0);
        return oldest.at() + oldest.keptMillis();
    }

    private FoundEvent newest() {
        return state.events.get(state.events.size() - 1);
    }

    private void tell(long millis, String about, Consumer<LiveValue> out) {
        int count = state.events.stream().mapToInt(FoundEvent::count).sum();
        state.lastMillis = Math.max(millis, state.lastMillis + 1);
        state.saidAt = now;
        out.accept(new LiveValue(series, state.lastMillis, count, about));
    }
}
