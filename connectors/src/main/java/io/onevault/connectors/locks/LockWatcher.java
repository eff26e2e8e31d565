package io.onevault.connectors.locks;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.DeadlockCount;
import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.target.Backoff;
import io.onevault.connectors.target.Delivery;
import io.onevault.connectors.target.Outbox;
import io.onevault.connectors.target.ServerFailure;
import io.onevault.connectors.target.ServerFailureException;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.Watcher;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at one target's locks at the pace that {@link SamplingPace} sets, and accounts for the time
 * by observations and gaps. Confined to its thread.
 */
final class LockWatcher implements Watcher {

    /** The name of this source in gaps. */
    static final String POLL = "locks";

    private static final Logger LOG = LoggerFactory.getLogger(LockWatcher.class);
    private static final long LONGEST_LAPSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final String NOT_RUNNING =
            "the collector did not run; keep its job running to close such gaps.";
    private static final String HELD_UP =
            "the collector could not look in time; give it more processor time if this stays.";

    private final ServerTarget target;
    private final LockSamplerOptions options;
    private final LockLooks looks;
    private final Outbox<Delivery<LockObservation, LockSplit>> outbox;
    private final SamplerMetrics metrics;
    private final Clock clock;
    private final Backoff backoff;
    private final SamplingPace pace;
    private final long lapseNanos;
    private LockSplit split;
    private long skewMillis;
    private long lastLookNanos;
    private long lastSaidNanos;
    private boolean looked;
    private boolean complained;
    private boolean limitTold;
    private boolean snapshotFirst;
    private long countersDue = System.nanoTime();
    private String gapReason = "SKIPPED";
    private String gapDetail = NOT_RUNNING;

    LockWatcher(
            ServerTarget target,
            LockSplit split,
            LockSamplerOptions options,
            Outbox<Delivery<LockObservation, LockSplit>> outbox,
            SamplerMetrics metrics,
            Clock clock) {
        this.target = target;
        this.split = split;
        this.options = options;
        this.looks = new LockLooks(target, options);
        this.outbox = outbox;
        this.metrics = metrics;
        this.clock = clock;
        this.backoff =
                new Backoff(
                        new Random(options.seed() ^ target.name().hashCode()),
                        options.backoffBase(),
                        options.backoffCap());
        this.pace = new SamplingPace(options, System.nanoTime());
        this.lapseNanos =
                Math.max(
                        LONGEST_LAPSE_NANOS,
                        2
                                * Math.max(
                                        options.probeInterval().toNanos(),
                                        options.heartbeat().toNanos()));
    }

    @Override
    public void run() throws InterruptedException {
        try {
            boolean open = true;
            while (open) {
                long wait = pace.due() - System.nanoTime();
                if (wait > 0) {
                    TimeUnit.NANOSECONDS.sleep(wait);
                }
                open = look();
            }
        } finally {
            looks.close();
        }
    }

    /** Returns false when the outbox is closed. */
    private boolean look() throws InterruptedException {
        try {
            return snapshotFirst || pace.snapshotNext() ? snapshot() : probe();
        } catch (ServerFailureException e) {
            return failed(e.failure(), true);
        } catch (SQLException e) {
            return failed(failure(e), !isPassing(e));
        }
    }

    private boolean probe() throws SQLException, ServerFailureException, InterruptedException {
        long started = System.nanoTime();
        LockProbe probe = looks.probe(pace.dangerCheckDue(started));
        long ended = System.nanoTime();
        metrics.probed(target.name(), ended - started);
        pace.probed(started, ended, probe);
        long time = TimeUnit.MICROSECONDS.toMillis(probe.serverMicros());
        List<LockObservation> said = new ArrayList<>();
        account(time, started, said);
        tellLimits(probe, time, said);
        // Who waits is told by the snapshot that follows, and how waits that it showed ended as
        // well.
        if (probe.waiters() == 0
                && !pace.owesSnapshot()
                && (!said.isEmpty() || started - lastSaidNanos >= options.heartbeat().toNanos())) {
            List<DeadlockCount> counts = counters(started);
            said.add(new LockObservation(target.name(), time, 0, null, null, counts));
        }
        return said.isEmpty() || say(time, said);
    }

    private boolean snapshot() throws SQLException, ServerFailureException, InterruptedException {
        long started = System.nanoTime();
        LockSnapshot snapshot = looks.snapshot();
        long ended = System.nanoTime();
        metrics.snapshotted(target.name(), ended - started);
        int waiters = waiters(snapshot);
        pace.snapshotted(started, ended, waiters > 0, lasts(snapshot));
        long time = TimeUnit.MICROSECONDS.toMillis(snapshot.capturedAtMicros());
        List<LockObservation> said = new ArrayList<>();
        account(time, started, said);
        List<DeadlockCount> counts = counters(started);
        said.add(new LockObservation(target.name(), time, waiters, snapshot, null, counts));
        snapshotFirst = false;
        return say(time, said);
    }

    private static int waiters(LockSnapshot snapshot) {
        return (int)
                snapshot.locks().stream()
                        .filter(lock -> !lock.granted())
                        .mapToInt(LockRow::pid)
                        .distinct()
                        .count();
    }

    /** Whether a wait of a snapshot counts as lasting; one that just began has no time yet. */
    private boolean lasts(LockSnapshot snapshot) {
        long age = TimeUnit.NANOSECONDS.toMicros(options.lastingAge().toNanos());
        return snapshot.locks().stream()
                .mapToLong(LockRow::waitStartMicros)
                .anyMatch(began -> began != 0 && began <= snapshot.capturedAtMicros() - age);
    }

    private List<DeadlockCount> counters(long now) throws SQLException, ServerFailureException {
        if (now - countersDue < 0) {
            return List.of();
        }
        countersDue = now + options.counterInterval().toNanos();
        return looks.deadlocks();
    }

    /** Adds a gap for the time before {@code time} in which nobody looked, if there is any. */
    private void account(long time, long nanos, List<LockObservation> said) {
        boolean lapsed = !looked || complained || nanos - lastLookNanos > lapseNanos;
        if (lapsed && split.accountedUntil() > 0 && time > split.accountedUntil()) {
            if (looked && !complained) {
                gapReason = "SKIPPED";
                gapDetail = HELD_UP;
            }
            said.add(gap(time, split.accountedUntil(), time, gapReason, gapDetail));
        }
        if (complained) {
            LOG.info("the locks of {} are seen again", target.name());
            complained = false;
        }
        looked = true;
        lastLookNanos = nanos;
        skewMillis = time - clock.millis();
        split = split.at(time);
        backoff.succeeded();
    }

    /** Says once what cannot be seen, and again after it could. */
    private void tellLimits(LockProbe probe, long time, List<LockObservation> said) {
        if (!probe.privileged() && !limitTold) {
            String detail =
                    ServerFailure.sentence(
                            "statements and states of other users' sessions on %s are hidden, and"
                                    + " waits are looked for less often. Run as administrator:"
                                    + " GRANT pg_monitor TO \"%s\".",
                            target.name(), target.user().replace("\"", "\"\""));
            LOG.warn("{}", detail);
            said.add(gap(time, time, time, "PRIVILEGE", detail));
        }
        limitTold = !probe.privileged();
    }

    private boolean failed(ServerFailure failure, boolean disconnect) throws InterruptedException {
        if (disconnect) {
            looks.close();
        }
        metrics.failed();
        gapReason = failure.reason();
        gapDetail = failure.detail();
        long time = Math.max(clock.millis() + skewMillis, split.accountedUntil());
        long from = split.accountedUntil() == 0 ? time : split.accountedUntil();
        split = split.at(time);
        boolean open = say(time, List.of(gap(time, from, time, gapReason, gapDetail)));
        if (open) {
            if (!complained) {
                LOG.warn("locks: {} {}", failure.reason(), failure.detail());
            }
            complained = true;
            TimeUnit.MILLISECONDS.sleep(backoff.failed());
        }
        pace.restart(System.nanoTime());
        // Who waited before is asked for, whether or not somebody waits now.
        snapshotFirst = true;
        return open;
    }

    private boolean say(long time, List<LockObservation> observations) throws InterruptedException {
        lastSaidNanos = System.nanoTime();
        return outbox.put(new Delivery<>(split.at(time), List.copyOf(observations)));
    }

    private LockObservation gap(long at, long from, long to, String reason, String detail) {
        return new LockObservation(
                target.name(),
                at,
                0,
                null,
                new CollectionGap(target.name(), POLL, from, to, reason, detail));
    }

    /** The statement was ended; the session is as good as before. */
    private static boolean isPassing(SQLException e) {
        String state = ServerFailure.state(e);
        return state.equals("57014") || state.equals("55P03");
    }

    private ServerFailure failure(SQLException e) {
        String text = ServerFailure.text(e);
        if (isPassing(e)) {
            return ServerFailure.of(
                    "TIMEOUT",
                    "a look at the locks of %s was ended: %s. Raise the statement timeout of the"
                            + " lock sampler if this stays.",
                    target.name(),
                    text);
        }
        if (ServerFailure.isConnectionLost(e)) {
            return ServerFailure.of(
                    "UNREACHABLE",
                    "%s closed the connection that looks at its locks: %s. It is opened again.",
                    target.name(),
                    text);
        }
        return switch (ServerFailure.state(e)) {
            case "42501" ->
                    ServerFailure.of(
                            "PRIVILEGE",
                            "locks of %s: %s. Run as administrator: GRANT pg_monitor TO \"%s\".",
                            target.name(),
                            text,
                            target.user());
            default ->
                    ServerFailure.of(
                            "ERROR",
                            "locks of %s cannot be read (%s): %s",
                            target.name(),
                            ServerFailure.state(e),
                            text);
        };
    }

    @Override
    public void abort() {
        looks.abort();
    }
}
