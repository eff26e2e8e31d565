package io.onevault.jobs.alerts;

import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Keyed state of {@link NoteFeed}: what was said of one alert and is not told yet.
 *
 * @param notes newest row first, of each row what was said last
 * @param dueAt when they are told, this machine's clock in milliseconds since the epoch
 */
public record SettlingNotes(List<Acknowledgement> notes, long dueAt) {

    static final SettlingNotes NONE = new SettlingNotes(List.of(), 0);

    SettlingNotes with(Acknowledgement said) {
        List<Acknowledgement> now = new ArrayList<>(notes);
        now.removeIf(known -> known.row() == said.row());
        now.add(said);
        now.sort(Comparator.comparingLong(Acknowledgement::row).reversed());
        return new SettlingNotes(now, dueAt);
    }

    SettlingNotes due(long at) {
        return new SettlingNotes(notes, at);
    }
}
