package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.secret.Secret;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

/** Every moment is accounted for, whatever the server does; on a clock that the test turns. */
class PollTaskTest {

    private static final long START = 1_700_000_000_000L;
    private static final long SKEW = 5_000;

    private final TurnedClock clock = new TurnedClock();
    private final Server server = new Server();
    private final TargetState state =
            new TargetState(clock, new Random(1), Duration.ofSeconds(1), Duration.ofSeconds(30));

    @Test
    void aRunThatAnswersCoversItsSlotAndLeavesNoGap() {
        PollTask task = task("activity", PollSplit.Progress.NONE);
        for (int i = 0; i < 5; i++) {
            List<PollResult> results = runWhenDue(task).results();
            assertThat(results).hasSize(1).extracting(PollResult::gap).containsOnlyNulls();
        }
    }

    @Test
    void gapsOfAPollWhoseTargetIsDownAreContiguousUntilItAnswers() {
        PollTask task = task("activity", PollSplit.Progress.NONE);
        long covered = runWhenDue(task).progress().accountedUntil();
        server.broken = true;
        long until = clock.millis() + 180_000;
        long gaps = 0;
        boolean quiet = false;
        while (clock.millis() < until || !quiet) {
            PollOutcome outcome = runWhenDue(task);
            quiet = outcome == null;
            if (outcome != null) {
                for (PollResult result : outcome.results()) {
                    CollectionGap gap = result.gap();
                    assertThat(gap.reason()).isEqualTo("UNREACHABLE");
                    assertThat(gap.from()).isEqualTo(covered);
                    covered = gap.to();
                    gaps++;
                }
            }
        }
        // At once, and then once a minute: not one row for each of eighteen slots.
        assertThat(gaps).isBetween(4L, 8L);
        server.broken = false;
        state.answered();
        PollOutcome recovered = runWhenDue(task);
        assertThat(recovered.results()).hasSize(2);
        assertThat(recovered.results().get(0).gap().from()).isEqualTo(covered);
        assertThat(recovered.results().get(1).gap()).isNull();
    }

    @Test
    void theTargetPollSaysDownAtEverySlotInTheServersTime() {
        state.clockSkew(SKEW);
        PollTask task = task("target", PollSplit.Progress.NONE);
        server.broken = true;
        for (int i = 0; i < 10; i++) {
            PollResult result = runWhenDue(task).results().get(0);
            assertThat(ReaderHarness.value(result, "target_up")).isZero();
            assertThat(result.timestamp()).isEqualTo(clock.millis() + SKEW);
        }
    }

    @Test
    void aRestoredTaskReportsTheTimeTheJobWasAway() {
        PollTask task =
                task("activity", new PollSplit.Progress(START - 60_000, SKEW, START - 1, 3));
        List<PollResult> results = runWhenDue(task).results();
        assertThat(results).hasSize(2);
        assertThat(results.get(0).gap().from()).isEqualTo(START - 60_000 + SKEW);
        assertThat(results.get(0).gap().detail()).contains("collector did not run");
        assertThat(results.get(1).gap()).isNull();
    }

    @Test
    void slotsMissedBecauseARunWasBusyAreOneGap() {
        PollTask task = task("activity", PollSplit.Progress.NONE);
        runWhenDue(task);
        server.takes = 35_000;
        runWhenDue(task);
        server.takes = 0;
        List<PollResult> results = runWhenDue(task).results();
        assertThat(results.get(0).gap().reason()).isEqualTo("SKIPPED");
        assertThat(results.get(0).gap().to() - results.get(0).gap().from()).isEqualTo(20_000);
    }

    private PollOutcome runWhenDue(PollTask task) {
        clock.now = Math.max(clock.now, task.due());
        return task.run();
    }

    private PollTask task(String name, PollSplit.Progress progress) {
        Poll poll = PollCatalogue.load().poll(name).orElseThrow();
        PollTarget target =
                PollTarget.postgres("t", "jdbc:postgresql://db/shop", "u", Secret.NONE).build();
        state.restore(progress);
        return new PollTask(
                target,
                poll,
                PollSchedule.of(1, "t", name, 10_000),
                new PollSplit("t", name, progress),
                server,
                state,
                PollingOptions.DEFAULT,
                clock,
                new PollingMetrics(
                        UnregisteredMetricsGroup.createSourceReaderMetricGroup(), clock));
    }

    private final class Server implements PollExecutor {
        private boolean broken;
        private long takes;

        @Override
        public PollAnswer execute(Poll poll) throws PollRefusedException, SQLException {
            PollFailure refusal = state.refusal();
            if (refusal != null) {
                throw new PollRefusedException(refusal);
            }
            if (broken) {
                throw new SQLException("reset by peer", "08006");
            }
            clock.now += takes;
            return new PollAnswer(clock.now + SKEW, clock.now, List.of(), List.of());
        }

        @Override
        public void disconnect() {}

        @Override
        public void abort() {}
    }

    private static final class TurnedClock extends Clock {
        private long now = START;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(now);
        }
    }
}
