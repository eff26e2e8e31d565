package io.onevault.connectors.polling;

import io.onevault.connectors.target.Backoff;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What the lanes of a target know in common: its clock, its start, and when to try again.
 *
 * <p>Thread-safe.
 */
final class TargetState {

    /** The start is computed from two rounded figures. */
    private static final long START_TOLERANCE_MILLIS = 1_000;

    private final Clock clock;
    private final Backoff backoff;
    private boolean skewKnown;
    private long skewMillis;
    private long serverStart;
    private long notBefore;
    private @Nullable PollFailure failure;
    private long lastAnswer;
    private String dataDirectory = "";

    TargetState(Clock clock, Random random, Duration base, Duration cap) {
        this.clock = clock;
        this.backoff = new Backoff(random, base, cap);
        this.lastAnswer = clock.millis();
    }

    /** Takes over what an earlier run knew; later knowledge wins. */
    synchronized void restore(PollSplit.Progress progress) {
        if (!skewKnown && progress.runs() > 0) {
            skewMillis = progress.clockSkewMillis();
            serverStart = Math.max(serverStart, progress.serverStart());
        }
    }

    /** Why no attempt to connect may be made now; null when one may. */
    synchronized @Nullable PollFailure refusal() {
        return clock.millis() < notBefore ? failure : null;
    }

    synchronized void failed(PollFailure cause) {
        notBefore = clock.millis() + backoff.failed();
        failure = cause;
    }

    synchronized void answered() {
        backoff.succeeded();
        notBefore = 0;
        failure = null;
        lastAnswer = clock.millis();
    }

    synchronized boolean isDown() {
        return backoff.isFailing();
    }

    /** The collector's clock when the target last answered. */
    synchronized long lastAnswer() {
        return lastAnswer;
    }

    synchronized void clockSkew(long millis) {
        skewMillis = millis;
        skewKnown = true;
    }

    synchronized long clockSkew() {
        return skewMillis;
    }

    /** The server's clock for a time on the collector's. */
    synchronized long toServerClock(long collectorMillis) {
        return collectorMillis + skewMillis;
    }

    synchronized long serverStart() {
        return serverStart;
    }

    /** Returns whether the server was restarted since it was last asked. */
    synchronized boolean serverStarted(long millis) {
        boolean restarted =
                serverStart != 0 && Math.abs(serverStart - millis) > START_TOLERANCE_MILLIS;
        serverStart = millis;
        return restarted;
    }

    synchronized void dataDirectory(String path) {
        dataDirectory = path;
    }

    /** Empty while it is unknown. */
    synchronized String dataDirectory() {
        return dataDirectory;
    }
}
