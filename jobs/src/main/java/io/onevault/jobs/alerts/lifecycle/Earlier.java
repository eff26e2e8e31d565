package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.history.RememberedIncident;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the vault knew of an alert that nothing else did when the job began.
 *
 * @param told whether people may have been told of it
 * @param insteadOf key of the alert that the same trouble began anew as meanwhile, and that is over
 *     with this one's being taken up; empty for none
 * @param matter what receivers know it by, as far as the vault knows; else empty
 * @param channels to which messages of that went
 * @param incident that it belongs to; null for none
 */
public record Earlier(
        boolean told,
        String insteadOf,
        String matter,
        List<String> channels,
        @Nullable RememberedIncident incident) {

    /** State of before channels were kept has none. */
    public Earlier {
        channels = Objects.requireNonNullElse(channels, List.of());
    }
}
