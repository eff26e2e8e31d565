package io.onevault.jobs.alerts;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.lifecycle.AlertCase;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertState;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.lifecycle.WatchedSeries;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.RuleIndex;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.alerts.rules.Silence;
import io.onevault.jobs.alerts.rules.SilenceIndex;
import java.util.List;
import java.util.function.Consumer;

/** The rules and silences in force, as {@link AlertFunction} asks for them. */
final class Orders {

    private final RuleIndex rules = new RuleIndex();
    private final SilenceIndex silences = new SilenceIndex();
    private long version;

    Orders(List<AlertRule> inForce, List<Silence> set) {
        rules.add(inForce, List.of());
        silences.add(set);
        inForce.forEach(rule -> version = Math.max(version, rule.version()));
    }

    void apply(RuleUpdate update) {
        rules.apply(update);
        version = Math.max(version, update.version());
        if (update.changesSilences()) {
            silences.add(update.silences());
            silences.remove(update.retiredSilences());
        }
    }

    /** Up to which place in the log of the vault the rules are known. */
    long version() {
        return version;
    }

    List<AlertRule> rulesOf(WatchedSeries series) {
        SeriesId id = series.id();
        return rules.of(series.text(), id.target(), id.tenant(), id.metric(), id.labels()).rules();
    }

    AlertCase alertOf(
            LifecycleSettings settings,
            AlertRule rule,
            WatchedSeries series,
            AlertState state,
            Consumer<AlertInstance> out) {
        return new AlertCase(
                settings,
                rule,
                series,
                state,
                (of, in, time) -> silences.over(of, in.text(), in.id(), time),
                out);
    }
}
