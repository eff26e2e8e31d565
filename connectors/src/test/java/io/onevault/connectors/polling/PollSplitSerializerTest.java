package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class PollSplitSerializerTest {

    private static final PollSplit SPLIT =
            new PollSplit(
                    "prod-1", "activity", new PollSplit.Progress(1_700_000_000_123L, -42, 7, 99));

    private final PollSplitSerializer splits = new PollSplitSerializer();
    private final PollingEnumeratorStateSerializer states = new PollingEnumeratorStateSerializer();

    @Test
    void readsWhatItWrote() throws IOException {
        assertThat(splits.deserialize(splits.getVersion(), splits.serialize(SPLIT)))
                .isEqualTo(SPLIT);
        PollingEnumeratorState state =
                new PollingEnumeratorState(
                        List.of(SPLIT, new PollSplit("b", "wal", PollSplit.Progress.NONE)));
        assertThat(states.deserialize(states.getVersion(), states.serialize(state)))
                .isEqualTo(state);
    }

    /** These files were written by version 1 and must be readable forever. */
    @Test
    void readsWhatVersionOneWrote() throws IOException {
        assertThat(splits.deserialize(1, bytes("poll-split-v1.hex"))).isEqualTo(SPLIT);
        assertThat(states.deserialize(1, bytes("enumerator-state-v1.hex")))
                .isEqualTo(new PollingEnumeratorState(List.of(SPLIT)));
    }

    @Test
    void refusesAVersionItDoesNotKnowAndBytesItDoesNotUnderstand() throws IOException {
        byte[] bytes = splits.serialize(SPLIT);
        assertThatThrownBy(() -> splits.deserialize(2, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2");
        assertThatThrownBy(() -> states.deserialize(0, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 0");
        byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + 3);
        assertThatThrownBy(() -> splits.deserialize(1, longer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("3 bytes too many");
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream in = PollSplitSerializerTest.class.getResourceAsStream(name)) {
            return HexFormat.of().parseHex(new String(in.readAllBytes()).strip());
        }
    }
}
