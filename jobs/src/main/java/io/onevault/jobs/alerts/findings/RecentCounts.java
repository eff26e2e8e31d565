package io.onevault.jobs.alerts.findings;

import io.onevault.jobs.metrics.LiveValue;
import java.util.function.Consumer;

/**
 * How many events a series has had within the last while. What it says follows from the events
 * alone: one that counts no longer is told as of that moment, whenever that is noticed.
 */
final class RecentCounts {

    /** More at one time are added up in the newest. */
    static final int MOST_KEPT = 200;

    private final String series;
    private final RecentState state;

    RecentCounts(String series, RecentState state) {
        this.series = series;
        this.state = state;
    }

    /** Takes in an event, or what is known of one by now. */
    void observe(FoundEvent event, Consumer<LiveValue> out) {
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
        pass(event.at(), out);
        if (state.events.size() >= MOST_KEPT) {
            FoundEvent newest = state.events.remove(state.events.size() - 1);
            state.events.add(counting(event, event.at(), newest.count() + event.count()));
        } else {
            state.events.add(event);
        }
        tell(event.at(), event.about(), out);
    }

    private void replace(int i, FoundEvent known, FoundEvent event, Consumer<LiveValue> out) {
        if (event.count() <= 0) {
            state.events.remove(i);
        } else {
            state.events.set(i, counting(event, known.at(), event.count()));
        }
        if (event.count() != known.count()) {
            tell(event.at(), event.about(), out);
        }
    }

    private static FoundEvent counting(FoundEvent event, long at, int count) {
        return new FoundEvent(
                event.series(), event.id(), at, count, event.keptMillis(), event.about());
    }

    /** Lets time go by until {@code millis}. */
    void pass(long millis, Consumer<LiveValue> out) {
        while (!state.events.isEmpty() && due() <= millis) {
            long at = due();
            state.events.remove(0);
            tell(at, state.events.isEmpty() ? "none since" : newest().about(), out);
        }
    }

    /** When the oldest event counts no longer. */
    long due() {
        if (state.events.isEmpty()) {
            return Long.MAX_VALUE;
        }
        FoundEvent oldest = state.events.get(0);
        return oldest.at() + oldest.keptMillis();
    }

    private FoundEvent newest() {
        return state.events.get(state.events.size() - 1);
    }

    private void tell(long millis, String about, Consumer<LiveValue> out) {
        int count = state.events.stream().mapToInt(FoundEvent::count).sum();
        state.lastMillis = Math.max(millis, state.lastMillis + 1);
        out.accept(new LiveValue(series, state.lastMillis, count, about));
    }
}
