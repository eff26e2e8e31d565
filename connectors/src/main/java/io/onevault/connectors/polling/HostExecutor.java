package io.onevault.connectors.polling;

import io.onevault.connectors.polling.host.HostProbe;
import java.time.Clock;

/** Reads the machine the collector runs on; no connection. */
final class HostExecutor implements PollExecutor {

    private final PollTarget target;
    private final TargetState state;
    private final HostProbe probe;
    private final Clock clock;

    HostExecutor(PollTarget target, TargetState state, HostProbe probe, Clock clock) {
        this.target = target;
        this.state = state;
        this.probe = probe;
        this.clock = clock;
    }

    @Override
    public PollAnswer execute(Poll poll) {
        String directory =
                target.dataDirectory().isEmpty() ? state.dataDirectory() : target.dataDirectory();
        // The machine's series lie on the same time axis as its server's.
        long at = state.toServerClock(clock.millis());
        return Readings.answer(target, poll, at, probe.bootMillis(), probe.read(directory));
    }

    @Override
    public void disconnect() {
        probe.forget();
    }

    @Override
    public void abort() {
        // Nothing here waits for anybody.
    }
}
