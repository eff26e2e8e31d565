package io.onevault.jobs.alerts;

import io.onevault.connectors.vault.HashKey;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertState;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which series the open alerts of one task belong to, by their hash keys; in memory alone. A note
 * names nothing but the hash, and a snapshot of the vault has a note for each alert of years.
 */
final class OpenAlerts {

    private final Map<String, String> seriesOf = new HashMap<>();

    /** Takes in how an alert stands now. */
    void add(AlertInstance alert) {
        String hash = hash(alert);
        if (alert.open()) {
            seriesOf.put(hash, alert.subject().series());
        } else {
            seriesOf.remove(hash);
        }
    }

    /** Takes in what a series has open, and what waits there until it goes on. */
    void add(SeriesAlerts alerts, String series) {
        for (AlertState held : alerts.byRule.values()) {
            if (held.open != null) {
                add(held.open);
            }
            if (held.waiting != null) {
                seriesOf.put(hash(held.waiting.key()), series);
            }
        }
    }

    /** Text of the series; null for an alert that is not open here. */
    @Nullable String seriesOf(String alertHash) {
        return seriesOf.get(alertHash);
    }

    static String hash(AlertInstance alert) {
        return hash(alert.subject().key());
    }

    static String hash(String alert) {
        return HexFormat.of().formatHex(HashKey.of(alert));
    }
}
