package io.onevault.connectors.cdc.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.cdc.enumerator.CdcEnumeratorState;
import io.onevault.connectors.cdc.enumerator.CdcEnumeratorStateSerializer;
import io.onevault.connectors.model.SchemaVersion.TableColumn;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CdcSplitSerializerTest {

    private static final CdcSplit SPLIT =
            new CdcSplit(
                    "cdc/s",
                    7,
                    2,
                    16_400,
                    new CdcPosition(0x16B3748L, 900, 3),
                    new SnapshotCut("5:9:6,7", 99),
                    Map.of(
                            "public.item",
                            List.of(
                                    new TableColumn("id", "int4", true),
                                    new TableColumn("näme", "_text", false))));

    private final CdcSplitSerializer serializer = new CdcSplitSerializer();

    @Test
    void readsWhatItWrote() throws IOException {
        CdcSplit fresh = CdcSplit.fresh("cdc/s");
        assertThat(serializer.deserialize(2, serializer.serialize(fresh))).isEqualTo(fresh);
        assertThat(serializer.deserialize(2, serializer.serialize(SPLIT))).isEqualTo(SPLIT);
    }

    @Test
    void readsTheBytesOfVersion1() throws IOException {
        assertThat(serializer.deserialize(1, bytes("split-v1.hex")))
                .isEqualTo(new CdcSplit("cdc/s", 7, 2, 0, SPLIT.position(), SPLIT.cut(), Map.of()));
        assertThat(new CdcEnumeratorStateSerializer().deserialize(1, new byte[0]))
                .isEqualTo(new CdcEnumeratorState(null));
    }

    @Test
    void readsTheBytesOfVersion2() throws IOException {
        assertThat(serializer.deserialize(2, bytes("split-v2.hex"))).isEqualTo(SPLIT);
    }

    @Test
    void refusesAnUnknownVersionAndBytesTooMany() throws IOException {
        byte[] bytes = bytes("split-v2.hex");
        assertThatThrownBy(() -> serializer.deserialize(3, new byte[0]))
                .hasMessageContaining("version 3 cannot be read");
        assertThatThrownBy(() -> serializer.deserialize(2, java.util.Arrays.copyOf(bytes, 200)))
                .hasMessageContaining("bytes too many");
    }

    @Test
    void dropsTheCutWhenTheStreamIsPastIt() {
        assertThat(SPLIT.at(new CdcPosition(99, 1, 1)).cut()).isNotNull();
        assertThat(SPLIT.at(new CdcPosition(100, 1, 1)).cut()).isNull();
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream in =
                CdcSplitSerializerTest.class.getResourceAsStream(
                        "/io/onevault/connectors/cdc/" + name)) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
        }
    }
}
