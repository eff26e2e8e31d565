package io.onevault.connectors.cdc.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class CdcSplitSerializerTest {

    private static final CdcSplit SPLIT =
            new CdcSplit(
                    "cdc/s",
                    7,
                    2,
                    new CdcPosition(0x16B3748L, 900, 3),
                    new SnapshotCut("5:9:6,7", 99));

    /** What version 1 wrote; later releases must read it. */
    private static final String VERSION_1 =
            "00056364632f730000000000000007000000020000000"
                    + "0016b3748000000000000038400000000000000030100"
                    + "07353a393a362c370000000000000063";

    private final CdcSplitSerializer serializer = new CdcSplitSerializer();

    @Test
    void readsWhatItWrote() throws IOException {
        CdcSplit fresh = CdcSplit.fresh("cdc/s");
        assertThat(serializer.deserialize(1, serializer.serialize(fresh))).isEqualTo(fresh);
        assertThat(serializer.deserialize(1, serializer.serialize(SPLIT))).isEqualTo(SPLIT);
    }

    @Test
    void readsTheBytesOfVersion1() throws IOException {
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(VERSION_1))).isEqualTo(SPLIT);
    }

    @Test
    void refusesAnUnknownVersionAndBytesTooMany() {
        assertThatThrownBy(() -> serializer.deserialize(2, new byte[0]))
                .hasMessageContaining("version 2 cannot be read");
        assertThatThrownBy(
                        () -> serializer.deserialize(1, HexFormat.of().parseHex(VERSION_1 + "00")))
                .hasMessageContaining("1 bytes too many");
    }

    @Test
    void dropsTheCutWhenTheStreamIsPastIt() {
        assertThat(SPLIT.at(new CdcPosition(99, 1, 1)).cut()).isNotNull();
        assertThat(SPLIT.at(new CdcPosition(100, 1, 1)).cut()).isNull();
    }
}
