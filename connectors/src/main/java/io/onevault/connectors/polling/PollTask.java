package io.onevault.connectors.polling;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.Fact;
import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One split at work: runs its poll when due, and accounts for every moment it was to be observed by
 * a result or a gap.
 *
 * <p>A run at a slot covers the time until the next slot. While a target is down its {@code target}
 * poll reports at every slot; the other polls, and polls that lack something, report at once and
 * then now and then, each gap continuing where the last ended.
 *
 * <p>Confined to the thread of its lane.
 */
final class PollTask {

    private static final Logger LOG = LoggerFactory.getLogger(PollTask.class);

    private static final String NOT_RUNNING =
            "the collector did not run; keep its job running to close such gaps.";

    private final PollTarget target;
    private final Poll poll;
    private final PollSchedule schedule;
    private final PollExecutor executor;
    private final TargetState state;
    private final PollingOptions options;
    private final Clock clock;
    private final PollingMetrics metrics;
    private final PollSplit split;
    private long accountedUntil;
    private long runs;
    private long due;
    private long quietUntil;
    private boolean waitsForTarget;
    private String gapReason = "SKIPPED";
    private String gapDetail = NOT_RUNNING;
    private boolean complained;

    PollTask(
            PollTarget target,
            Poll poll,
            PollSchedule schedule,
            PollSplit split,
            PollExecutor executor,
            TargetState state,
            PollingOptions options,
            Clock clock,
            PollingMetrics metrics) {
        this.target = target;
        this.poll = poll;
        this.schedule = schedule;
        this.split = split;
        this.executor = executor;
        this.state = state;
        this.options = options;
        this.clock = clock;
        this.metrics = metrics;
        this.accountedUntil = split.progress().accountedUntil();
        this.runs = split.progress().runs();
        this.due = schedule.first(accountedUntil, clock.millis(), options.startSpread().toMillis());
    }

    String splitId() {
        return split.splitId();
    }

    /** When to run next, the collector's clock, milliseconds since the epoch. */
    long due() {
        return due;
    }

    long runs() {
        return runs;
    }

    /**
     * Runs the poll for the slot that is due and moves on to the next; null when it keeps quiet.
     */
    @Nullable PollOutcome run() {
        long slot = due;
        long started = clock.millis();
        runs++;
        List<PollResult> results = new ArrayList<>();
        if (started >= quietUntil || waitsForTarget && !state.isDown()) {
            long startedNanos = System.nanoTime();
            PollFailure failure = null;
            PollAnswer answer = null;
            try {
                answer = executor.execute(poll);
            } catch (PollRefusedException e) {
                failure = e.failure();
            } catch (SQLException e) {
                failure = PollFailure.whileRunning(target, poll, e);
            } catch (RuntimeException e) {
                LOG.warn("poll {} failed", split.splitId(), e);
                failure = PollFailure.run("ERROR", "poll %s failed: %s", poll.name(), e);
            }
            double durationMillis = (System.nanoTime() - startedNanos) / 1e6;
            stretch(slot).ifPresent(results::add);
            results.add(
                    answer != null
                            ? answered(answer, durationMillis)
                            : failed(Objects.requireNonNull(failure), slot, durationMillis));
            accountedUntil = schedule.after(slot);
        }
        advance(slot);
        return results.isEmpty()
                ? null
                : new PollOutcome(split.splitId(), List.copyOf(results), progress());
    }

    private PollSplit.Progress progress() {
        return new PollSplit.Progress(accountedUntil, state.clockSkew(), state.serverStart(), runs);
    }

    private void advance(long slot) {
        long now = clock.millis();
        long following = schedule.after(slot);
        due = schedule.next(slot, now);
        long skipped = (due - following) / schedule.interval();
        if (skipped > 0) {
            metrics.skipped(skipped);
            if (now >= quietUntil) {
                gapReason = "SKIPPED";
                gapDetail =
                        PollFailure.sentence(
                                "poll %s of %s was still busy: %d runs were skipped. Raise its"
                                        + " interval if this stays.",
                                poll.name(), target.name(), skipped);
            }
        }
    }

    /** The time before {@code slot} that nothing accounts for yet. */
    private Optional<PollResult> stretch(long slot) {
        if (accountedUntil == 0 || slot <= accountedUntil) {
            return Optional.empty();
        }
        return Optional.of(gap(accountedUntil, slot, 0, gapReason, gapDetail));
    }

    private PollResult answered(PollAnswer answer, double durationMillis) {
        if (complained) {
            LOG.info("poll {} works again", split.splitId());
            complained = false;
        }
        quietUntil = 0;
        gapReason = "SKIPPED";
        gapDetail = NOT_RUNNING;
        if (poll.source() != PollTarget.Kind.HOST) {
            state.answered();
        }
        List<Sample> samples = new ArrayList<>(answer.samples());
        if (poll.name().equals(Poll.TARGET)) {
            addHealth(samples, answer, durationMillis);
        }
        samples.add(
                Sample.gauge(
                        new SeriesId(
                                        target.name(),
                                        "",
                                        "poll_duration_ms",
                                        Map.of("poll", poll.name()))
                                .text(),
                        answer.measuredAt(),
                        durationMillis));
        metrics.answered(target.name());
        return new PollResult(
                target.name(),
                poll.name(),
                answer.measuredAt(),
                Math.round(durationMillis),
                List.copyOf(samples),
                answer.facts(),
                null);
    }

    /** What the round trip itself says about the target. */
    private void addHealth(List<Sample> samples, PollAnswer answer, double durationMillis) {
        long at = answer.measuredAt();
        long skew = at - answer.askedAt();
        state.clockSkew(skew);
        samples.add(gauge("target_up", at, 1));
        samples.add(gauge("target_latency_ms", at, durationMillis));
        samples.add(gauge("clock_skew_ms", at, skew));
        String uptime = new SeriesId(target.name(), "", "server_uptime_seconds", Map.of()).text();
        answer.samples().stream()
                .filter(sample -> sample.series().equals(uptime))
                .findFirst()
                .ifPresent(
                        sample -> {
                            long start = at - Math.round(sample.value() * 1000);
                            boolean restarted = state.serverStarted(start);
                            samples.add(gauge("server_restarted", at, restarted ? 1 : 0));
                        });
    }

    private PollResult failed(PollFailure failure, long slot, double durationMillis) {
        if (failure.scope() == PollFailure.Scope.CONNECTION) {
            executor.disconnect();
            state.failed(failure);
        }
        if (!complained) {
            LOG.warn("poll {}: {} {}", split.splitId(), failure.reason(), failure.detail());
            complained = true;
        }
        metrics.failed();
        boolean health = poll.name().equals(Poll.TARGET);
        waitsForTarget =
                failure.scope() == PollFailure.Scope.TARGET
                        || failure.scope() == PollFailure.Scope.CONNECTION;
        quietUntil =
                switch (failure.scope()) {
                    case POLL -> clock.millis() + options.blockedRetry().toMillis();
                    case TARGET, CONNECTION ->
                            health ? 0 : clock.millis() + options.gapInterval().toMillis();
                    case RUN -> 0;
                };
        gapReason = failure.reason();
        gapDetail = failure.detail();
        long at = state.toServerClock(clock.millis());
        PollResult gap =
                gap(slot, schedule.after(slot), Math.round(durationMillis), gapReason, gapDetail);
        return new PollResult(
                gap.target(),
                gap.poll(),
                at,
                gap.durationMillis(),
                health ? List.of(gauge("target_up", at, 0)) : List.of(),
                gap.facts(),
                gap.gap());
    }

    private PollResult gap(long from, long to, long durationMillis, String reason, String detail) {
        List<Sample> noSamples = List.of();
        List<Fact> noFacts = List.of();
        return new PollResult(
                target.name(),
                poll.name(),
                state.toServerClock(clock.millis()),
                durationMillis,
                noSamples,
                noFacts,
                new CollectionGap(
                        target.name(),
                        poll.name(),
                        state.toServerClock(from),
                        state.toServerClock(to),
                        reason,
                        detail));
    }

    private Sample gauge(String metric, long at, double value) {
        return Sample.gauge(new SeriesId(target.name(), "", metric, Map.of()).text(), at, value);
    }
}
