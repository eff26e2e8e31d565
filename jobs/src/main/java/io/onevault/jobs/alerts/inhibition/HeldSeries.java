package io.onevault.jobs.alerts.inhibition;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The alerts of one series that are not over, one for each rule at most.
 *
 * @param alerts at least one
 */
public record HeldSeries(List<HeldAlert> alerts) {

    static final HeldSeries NONE = new HeldSeries(List.of());

    @Nullable HeldAlert of(String key) {
        for (HeldAlert alert : alerts) {
            if (alert.key().equals(key)) {
                return alert;
            }
        }
        return null;
    }

    HeldSeries with(HeldAlert alert) {
        List<HeldAlert> now = new ArrayList<>(alerts);
        now.removeIf(known -> known.key().equals(alert.key()));
        now.add(alert);
        return new HeldSeries(now);
    }

    HeldSeries without(String key) {
        List<HeldAlert> now = new ArrayList<>(alerts);
        now.removeIf(known -> known.key().equals(key));
        return new HeldSeries(now);
    }
}
