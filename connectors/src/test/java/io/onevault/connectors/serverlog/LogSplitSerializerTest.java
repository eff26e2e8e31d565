package io.onevault.connectors.serverlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class LogSplitSerializerTest {

    private static final LogSplit SPLIT =
            new LogSplit("prod", "pg.json", 4711, 0xCAFEBABEL, true, 1_700_000_000_123L);

    /** Written by the first release. */
    private static final String VERSION_1 =
            "000470726f64000770672e6a736f6e000000000000126700000000cafebabe010000018bcfe5687b";

    private final LogSplitSerializer serializer = new LogSplitSerializer();

    @Test
    void readsWhatItAndEarlierReleasesWrote() throws Exception {
        assertThat(HexFormat.of().formatHex(serializer.serialize(SPLIT))).isEqualTo(VERSION_1);
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(VERSION_1))).isEqualTo(SPLIT);
    }

    @Test
    void refusesWhatItCannotRead() throws Exception {
        byte[] bytes = serializer.serialize(SPLIT);
        assertThatThrownBy(() -> serializer.deserialize(7, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 7");
    }
}
