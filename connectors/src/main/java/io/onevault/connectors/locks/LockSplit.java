package io.onevault.connectors.locks;

import org.apache.flink.api.connector.source.SourceSplit;

/**
 * A target, with what a later run of the job needs to say what it missed.
 *
 * @param target the target's name
 * @param accountedUntil until when looks or gaps account for the time; the server's clock,
 *     milliseconds since the epoch, 0 before the first look
 */
public record LockSplit(String target, long accountedUntil) implements SourceSplit {

    @Override
    public String splitId() {
        return target;
    }

    LockSplit at(long time) {
        return new LockSplit(target, time);
    }
}
