package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoteFeedTest {

    private static final Acknowledgement OLD = new Acknowledgement("ab", 1, "ann", 0, false);
    private static final Acknowledgement OLD_ENDED = new Acknowledgement("ab", 1, "", 0, true);
    private static final Acknowledgement NEW = new Acknowledgement("ab", 2, "bob", 0, false);
    private static final Acknowledgement OTHER = new Acknowledgement("cd", 1, "ann", 0, false);

    private KeyedOneInputStreamOperatorTestHarness<String, Acknowledgement, AlertOrder> harness;
    private long clock = 1_000;
    private int heard;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
        harness.setProcessingTime(clock);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @ParameterizedTest
    @ValueSource(classes = {Acknowledgement.class, SettlingNotes.class})
    void travelsAndIsKeptWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void aNoteThatIsRenewedInOneTransactionIsNotTakenBackInBetween() throws Exception {
        say(OLD);
        pass(RuleFeed.SETTLE_MILLIS);
        assertThat(heard()).containsExactly(OLD);
        say(OLD_ENDED);
        pass(RuleFeed.SETTLE_MILLIS - 1);
        say(NEW);
        pass(RuleFeed.SETTLE_MILLIS - 1);
        assertThat(heard()).isEmpty();
        pass(1);
        assertThat(heard()).as("the newest first").containsExactly(NEW, OLD_ENDED);
        assertThatNothingIsKept();
    }

    @Test
    void ofOneRowTheLastWordCountsAndAlertsDoNotWaitForEachOther() throws Exception {
        say(OLD_ENDED);
        pass(RuleFeed.SETTLE_MILLIS - 1);
        say(OTHER);
        say(OLD);
        pass(RuleFeed.SETTLE_MILLIS);
        assertThat(heard()).containsExactlyInAnyOrder(OTHER, OLD);
        say(OLD_ENDED);
        pass(1);
        say(OTHER);
        pass(RuleFeed.SETTLE_MILLIS - 1);
        assertThat(heard()).containsExactly(OLD_ENDED);
        pass(1);
        assertThat(heard()).containsExactly(OTHER);
        assertThatNothingIsKept();
    }

    @Test
    void anOrderOfASnapshotDoesNotMatter() throws Exception {
        say(NEW);
        say(OLD);
        pass(RuleFeed.SETTLE_MILLIS);
        assertThat(heard()).containsExactly(NEW, OLD);
        say(OLD);
        say(NEW);
        pass(RuleFeed.SETTLE_MILLIS);
        assertThat(heard()).containsExactly(NEW, OLD);
    }

    @Test
    void aRestartAmidATransactionWaitsForTheRestOfIt() throws Exception {
        say(OLD_ENDED);
        restartAfter(60_000);
        pass(RuleFeed.SETTLE_MILLIS);
        assertThat(heard()).isEmpty();
        say(NEW);
        pass(RuleFeed.SETTLE_MILLIS);
        assertThat(heard()).containsExactly(NEW, OLD_ENDED);
        say(new Acknowledgement("ab", 2, "", 0, true));
        restartAfter(60_000);
        pass(RuleFeed.RESUME_MILLIS);
        assertThat(heard()).as("nothing more came").hasSize(1);
        pass(RuleFeed.RESUME_MILLIS);
        assertThatNothingIsKept();
    }

    private void say(Acknowledgement said) throws Exception {
        harness.processElement(new StreamRecord<>(said));
    }

    private void pass(long millis) throws Exception {
        clock += millis;
        harness.setProcessingTime(clock);
    }

    private List<Acknowledgement> heard() {
        List<AlertOrder> all = harness.extractOutputValues();
        List<Acknowledgement> said =
                all.subList(heard, all.size()).stream()
                        .map(AlertOrder::acknowledgement)
                        .collect(Collectors.toList());
        heard = all.size();
        return said;
    }

    private void assertThatNothingIsKept() {
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    private void restartAfter(long millis) throws Exception {
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        clock += millis;
        harness = harness();
        harness.initializeState(state);
        harness.open();
        harness.setProcessingTime(clock);
        heard = 0;
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Acknowledgement, AlertOrder>
            harness() throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new NoteFeed()),
                Acknowledgement::alertHash,
                Types.STRING);
    }
}
