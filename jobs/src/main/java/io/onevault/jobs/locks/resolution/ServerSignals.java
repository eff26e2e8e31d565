package io.onevault.jobs.locks.resolution;

import io.onevault.connectors.locks.BackendSignals;
import io.onevault.connectors.locks.SignalProtection;
import io.onevault.connectors.locks.SignalRequest;
import io.onevault.connectors.locks.SignalResult;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.SessionLimits;
import io.onevault.jobs.locks.impact.Maintenance;
import java.util.List;

/** Sends signals over a connection that lives for one request, for they are rare. */
public final class ServerSignals implements SignalSender {

    private static final long serialVersionUID = 1L;

    private final List<ServerTarget> targets;
    private final SessionLimits limits;
    private final SignalProtection protection;

    /**
     * @param targets the servers, with the login that signals
     */
    public ServerSignals(
            List<ServerTarget> targets, SessionLimits limits, ResolutionSettings settings) {
        this.targets = List.copyOf(targets);
        this.limits = limits;
        this.protection = settings.protection();
    }

    @Override
    public SignalResult send(String target, SignalRequest request) {
        try (BackendSignals signals =
                new BackendSignals(
                        ServerTarget.named(target, targets),
                        limits,
                        protection,
                        Maintenance::protectedStatement)) {
            return signals.act(request);
        }
    }
}
