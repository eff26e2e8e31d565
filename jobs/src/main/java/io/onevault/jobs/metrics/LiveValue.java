package io.onevault.jobs.metrics;

import io.onevault.connectors.history.RememberedAlert;
import io.onevault.jobs.metrics.baseline.Deviation;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one look at a series says, as soon as it is known: a gauge's value, a counter's rate since
 * the look before, a finding as a value, what is expected of the series, how unusual it was, or an
 * alert of the series that the vault has as open.
 *
 * @param series text of the series' id
 * @param timestamp of the look, milliseconds since the epoch on the watched server's clock
 * @param value in the metric's unit; NaN where the look says nothing yet, as the first at a counter
 * @param about what is behind the value, for people, one line; empty for nothing more
 * @param outlook what is expected instead of what is; null for a value
 * @param remembered an alert instead of a value; null for a value
 * @param deviation of a window's mean, which is the value, from what is usual; null for a value
 */
public record LiveValue(
        String series,
        long timestamp,
        double value,
        String about,
        @Nullable Outlook outlook,
        @Nullable RememberedAlert remembered,
        @Nullable Deviation deviation) {

    public LiveValue {
        about = Objects.requireNonNullElse(about, "");
    }

    /** Whether it was polled just now; what is found may be told again, or of a time before. */
    public boolean polled() {
        return about.isEmpty() && outlook == null && remembered == null && deviation == null;
    }

    /** A plain value. */
    public LiveValue(String series, long timestamp, double value) {
        this(series, timestamp, value, "", null, null, null);
    }

    /** A value with what is behind it. */
    public LiveValue(String series, long timestamp, double value, String about) {
        this(series, timestamp, value, about, null, null, null);
    }

    /** What is expected of a series. */
    public LiveValue(String series, long timestamp, double value, String about, Outlook outlook) {
        this(series, timestamp, value, about, outlook, null, null);
    }

    /** How unusual a window was. */
    public LiveValue(
            String series, long timestamp, double value, String about, Deviation deviation) {
        this(series, timestamp, value, about, null, null, deviation);
    }

    /** An alert that the vault has as open. */
    public LiveValue(RememberedAlert alert) {
        this(alert.series(), alert.at(), Double.NaN, "", null, alert, null);
    }
}
