package io.onevault.connectors.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.target.SplitListSerializer;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class LockSplitSerializerTest {

    private static final LockSplit SPLIT = new LockSplit("prod", 1_700_000_000_123L);

    /** Written by the first release. */
    private static final String VERSION_1 = "000470726f640000018bcfe5687b";

    private static final String LIST_VERSION_1 = "00000001" + "00000001" + "0000000e" + VERSION_1;

    private final LockSplitSerializer serializer = new LockSplitSerializer();
    private final SplitListSerializer<LockSplit> list = new SplitListSerializer<>(serializer);

    @Test
    void readsWhatItAndEarlierReleasesWrote() throws Exception {
        assertThat(HexFormat.of().formatHex(serializer.serialize(SPLIT))).isEqualTo(VERSION_1);
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(VERSION_1))).isEqualTo(SPLIT);
        assertThat(HexFormat.of().formatHex(list.serialize(List.of(SPLIT))))
                .isEqualTo(LIST_VERSION_1);
        assertThat(list.deserialize(1, HexFormat.of().parseHex(LIST_VERSION_1)))
                .containsExactly(SPLIT);
    }

    @Test
    void refusesWhatItCannotRead() throws Exception {
        byte[] bytes = serializer.serialize(SPLIT);
        assertThatThrownBy(() -> serializer.deserialize(2, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2");
        assertThatThrownBy(() -> list.deserialize(2, bytes)).isInstanceOf(IOException.class);
        byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + 1);
        assertThatThrownBy(() -> serializer.deserialize(1, longer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("too many");
    }
}
