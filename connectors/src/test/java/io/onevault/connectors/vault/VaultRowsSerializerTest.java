package io.onevault.connectors.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class VaultRowsSerializerTest {

    private static final VaultRow ROW =
            new VaultRow("t||m", null, 42, Arrays.asList("größe", 1.5, 7L, 3, true, null));

    /** Written by format 1; a savepoint holds such bytes. */
    private static final String FORMAT_1 =
            "0000000100000004747c7c6d30000000000000002a00000006530000000767"
                    + "72c3b6c39f65443ff80000000000004c0000000000000007490000000342"
                    + "0130";

    private final VaultRowsSerializer serializer = new VaultRowsSerializer();

    @Test
    void rowsComeBackAsTheyWere() throws IOException {
        VaultRow withTenant = new VaultRow("a", "tenant", -1, List.of());
        List<VaultRow> rows = List.of(ROW, withTenant);
        assertThat(serializer.deserialize(1, serializer.serialize(rows))).isEqualTo(rows);
    }

    @Test
    void rawBytesComeBackAsTheyWere() throws IOException {
        byte[] raw = {0, -1, 5};
        VaultRow row = new VaultRow("a", null, 0, List.of(raw));
        List<VaultRow> back = serializer.deserialize(1, serializer.serialize(List.of(row)));
        assertThat((byte[]) back.get(0).payload().get(0)).isEqualTo(raw);
    }

    @Test
    void oldSavepointsAreStillRead() throws IOException {
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(FORMAT_1)))
                .containsExactly(ROW);
        assertThat(HexFormat.of().formatHex(serializer.serialize(List.of(ROW))))
                .isEqualTo(FORMAT_1);
    }

    @Test
    void unknownFormatIsRefusedWithTheRemedy() {
        assertThatThrownBy(() -> serializer.deserialize(2, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("restore with the version that wrote the savepoint");
    }
}
