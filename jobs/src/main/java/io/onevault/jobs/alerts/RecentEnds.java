package io.onevault.jobs.alerts;

import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The alerts that ended since a task runs, by their keys, the newest {@value #MOST}; in memory
 * alone. Their rows may still be on their way when the vault is read.
 */
final class RecentEnds {

    static final int MOST = 5_000;

    private final Map<String, AlertInstance> ends = new LinkedHashMap<>();

    /** Takes in how an alert stands now. */
    void add(AlertInstance alert) {
        if (alert.open()) {
            return;
        }
        ends.put(alert.subject().key(), alert);
        if (ends.size() > MOST) {
            Iterator<String> oldest = ends.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** How it ended; null for an alert that did not. */
    @Nullable AlertInstance of(String key) {
        return ends.get(key);
    }
}
