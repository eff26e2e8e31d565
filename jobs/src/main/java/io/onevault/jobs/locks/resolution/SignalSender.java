package io.onevault.jobs.locks.resolution;

import io.onevault.connectors.locks.SignalRequest;
import io.onevault.connectors.locks.SignalResult;
import java.io.Serializable;

/** Carries requests out on servers. Thread-safe; takes bounded time, and does not throw. */
@FunctionalInterface
public interface SignalSender extends Serializable {

    /**
     * Checks {@code request} on the server and sends its signal.
     *
     * @param target configured name of the server
     */
    SignalResult send(String target, SignalRequest request);
}
