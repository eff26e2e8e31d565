package io.onevault.jobs.objects;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.Fact;
import io.onevault.connectors.model.PollResult;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FactChangesTest {

    private static final long T0 = 1_760_000_000_000L;

    @Test
    void passesOnWhatIsNewOrChangedAndNothingElse() throws Exception {
        try (var harness = harness()) {
            look(harness, "settings", T0, fact("work_mem", "4MB"), fact("jit", "on"));
            look(harness, "settings", T0 + 1, fact("work_mem", "4MB"), fact("jit", "off"));
            assertThat(harness.extractOutputValues())
                    .containsExactly(
                            fact("work_mem", "4MB", T0),
                            fact("jit", "on", T0),
                            fact("jit", "off", T0 + 1));
        }
    }

    @Test
    void whatACompleteListNoLongerHasIsGoneEvenTheLast() throws Exception {
        try (var harness = harness()) {
            look(harness, "settings", T0, fact("jit", "on"));
            look(harness, "settings", T0 + 1);
            look(harness, "settings", T0 + 2);
            assertThat(harness.extractOutputValues())
                    .containsExactly(
                            fact("jit", "on", T0),
                            new Fact("prod", "setting", "jit", Map.of("gone", "true"), T0 + 1));
        }
    }

    @Test
    void rankedListSaysNothingOfWhatItDoesNotList() throws Exception {
        try (var harness = harness()) {
            look(harness, "ranked", T0, fact("a", "1"), fact("b", "1"));
            look(harness, "ranked", T0 + 1, fact("a", "1"));
            look(harness, "ranked", T0 + 2, fact("a", "1"), fact("b", "1"));
            assertThat(harness.extractOutputValues()).hasSize(2);
        }
    }

    @Test
    void unknownAttributeKeepsItsLastValue() throws Exception {
        try (var harness = harness()) {
            Map<String, String> all = Map.of("definition", "CREATE INDEX", "valid", "true");
            look(harness, "settings", T0, new Fact("prod", "index", "i", all, T0));
            look(
                    harness,
                    "settings",
                    T0 + 1,
                    new Fact("prod", "index", "i", Map.of("valid", "true"), T0 + 1));
            assertThat(harness.extractOutputValues()).hasSize(1);
            look(
                    harness,
                    "settings",
                    T0 + 2,
                    new Fact("prod", "index", "i", Map.of("valid", "false"), T0 + 2));
            assertThat(harness.extractOutputValues().get(1).attributes())
                    .isEqualTo(Map.of("definition", "CREATE INDEX", "valid", "false"));
        }
    }

    @Test
    void neitherAGapNorAnOlderLookChangesAnything() throws Exception {
        try (var harness = harness()) {
            look(harness, "settings", T0, fact("jit", "on"));
            look(harness, "settings", T0 - 5, fact("jit", "off"));
            harness.processElement(
                    new PollResult(
                            "prod",
                            "settings",
                            T0 + 5,
                            1,
                            List.of(),
                            List.of(),
                            new CollectionGap(
                                    "prod", "settings", T0, T0 + 5, "UNREACHABLE", "down")),
                    T0 + 5);
            assertThat(harness.extractOutputValues()).hasSize(1);
        }
    }

    @Test
    void aListIsComparedWithTheOneBeforeAndTheFirstIsNoChange() throws Exception {
        try (var harness = harness()) {
            look(harness, "settings", T0, fact("work_mem", "4MB"), fact("jit", "on"));
            look(harness, "settings", T0 + 1, fact("work_mem", "4MB"), fact("jit", "on"));
            assertThat(lists(harness)).isEmpty();
            look(harness, "settings", T0 + 2, fact("work_mem", "64MB"), fact("port", "1"));
            assertThat(lists(harness))
                    .containsExactly(
                            new ListChange(
                                    "prod",
                                    "settings",
                                    T0 + 2,
                                    List.of(
                                            new FactChange(
                                                    "work_mem",
                                                    Map.of("value", "4MB"),
                                                    Map.of("value", "64MB")),
                                            new FactChange("port", Map.of(), Map.of("value", "1")),
                                            new FactChange(
                                                    "jit", Map.of("value", "on"), Map.of()))));
            look(harness, "ranked", T0, fact("a", "1"));
            look(harness, "ranked", T0 + 1, fact("a", "2"));
            assertThat(lists(harness)).as("a ranked list says little").hasSize(1);
        }
    }

    @Test
    void afterARestartAChangeIsToldOnceAndWithoutStateNone() throws Exception {
        OperatorSubtaskState state;
        try (var harness = harness()) {
            look(harness, "settings", T0, fact("jit", "on"));
            state = harness.snapshot(1, T0);
            look(harness, "settings", T0 + 1, fact("jit", "off"));
            assertThat(lists(harness)).hasSize(1);
        }
        try (var harness = unopened()) {
            harness.initializeState(state);
            harness.open();
            look(harness, "settings", T0 + 2, fact("jit", "off"));
            look(harness, "settings", T0 + 3, fact("jit", "off"));
            assertThat(lists(harness)).hasSize(1);
            harness.processWatermark(T0 + 3 + FactChanges.EXPIRY.toMillis());
            assertThat(harness.numKeyedStateEntries()).isZero();
        }
        try (var harness = harness()) {
            look(harness, "settings", T0 + 4, fact("jit", "off"));
            assertThat(lists(harness)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {ListChange.class, FactChange.class})
    void travelsWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    private static List<ListChange> lists(
            KeyedOneInputStreamOperatorTestHarness<String, PollResult, Fact> harness) {
        var all = harness.getSideOutput(FactChanges.LISTS);
        return all == null ? List.of() : all.stream().map(StreamRecord::getValue).toList();
    }

    @Test
    void stateOfASilentPollIsCleared() throws Exception {
        try (var harness = harness()) {
            look(harness, "settings", T0, fact("jit", "on"));
            assertThat(harness.numKeyedStateEntries()).isPositive();
            harness.processWatermark(T0 + FactChanges.EXPIRY.toMillis());
            assertThat(harness.numKeyedStateEntries()).isZero();
        }
    }

    private static void look(
            KeyedOneInputStreamOperatorTestHarness<String, PollResult, Fact> harness,
            String poll,
            long time,
            Fact... facts)
            throws Exception {
        List<Fact> timed =
                List.of(facts).stream()
                        .map(f -> new Fact(f.target(), f.kind(), f.key(), f.attributes(), time))
                        .toList();
        harness.processElement(new PollResult("prod", poll, time, 1, List.of(), timed, null), time);
    }

    private static Fact fact(String key, String value) {
        return fact(key, value, 0);
    }

    private static Fact fact(String key, String value, long time) {
        return new Fact("prod", "setting", key, Map.of("value", value), time);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, PollResult, Fact> harness()
            throws Exception {
        var harness = unopened();
        harness.open();
        return harness;
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, PollResult, Fact> unopened()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new FactChanges(Set.of("ranked"))),
                (PollResult result) -> result.target() + '|' + result.poll(),
                Types.STRING);
    }
}
