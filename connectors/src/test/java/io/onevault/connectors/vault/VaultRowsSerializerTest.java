package io.onevault.connectors.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.connectors.vault.VaultTable.ColumnType;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VaultRowsSerializerTest {

    private static final VaultRow ROW =
            new VaultRow("t||m", null, 42, Arrays.asList("größe", 1.5, 7L, 3, true, null));

    /** Written by format 1; a savepoint holds such bytes. */
    private static final String FORMAT_1 =
            "000000060000000161000000016200000001630000000164000000016500000001660000000100000004747c"
                + "7c6d30000000000000002a00000006530000000767"
                + "72c3b6c39f65443ff80000000000004c00000000000000074900000003420130";

    /** The same with a link, as format 2 has it. */
    private static final String FORMAT_2 =
            FORMAT_1 + "00000001" + "000000036c5f6c" + "00000003782f79";

    private static final VaultRow LINKED =
            new VaultRow(
                    ROW.businessKey(),
                    ROW.tenant(),
                    ROW.loadDate(),
                    ROW.payload(),
                    List.of(new VaultRow.Link("l_l", "x/y")));

    private final VaultRowsSerializer serializer = serializer("a", "b", "c", "d", "e", "f");

    @Test
    void rowsComeBackAsTheyWere() throws IOException {
        VaultRow withTenant =
                new VaultRow("a", "tenant", -1, Arrays.asList(null, null, null, null, null, null));
        List<VaultRow> rows = List.of(ROW, withTenant, LINKED);
        assertThat(serializer.deserialize(2, serializer.serialize(rows))).isEqualTo(rows);
    }

    @Test
    void rawBytesComeBackAsTheyWere() throws IOException {
        byte[] raw = {0, -1, 5};
        VaultRow row = new VaultRow("a", null, 0, List.of(raw));
        VaultRowsSerializer one = serializer("a");
        List<VaultRow> back = one.deserialize(2, one.serialize(List.of(row)));
        assertThat((byte[]) back.get(0).payload().get(0)).isEqualTo(raw);
    }

    @Test
    void oldSavepointsAreStillRead() throws IOException {
        assertThat(serializer.deserialize(1, HexFormat.of().parseHex(FORMAT_1)))
                .containsExactly(ROW);
        assertThat(serializer.deserialize(2, HexFormat.of().parseHex(FORMAT_2)))
                .containsExactly(LINKED);
        assertThat(HexFormat.of().formatHex(serializer.serialize(List.of(LINKED))))
                .isEqualTo(FORMAT_2);
    }

    @Test
    void aColumnThatWasNotThereHasWhatItDeclares() throws IOException {
        byte[] written =
                serializer("kept").serialize(List.of(new VaultRow("k", null, 1, List.of("k"))));
        VaultTable later =
                new VaultTable(
                        "s",
                        "h",
                        "s",
                        "k",
                        List.of(
                                new Column("kept", ColumnType.TEXT),
                                new Column("version", ColumnType.LONG, 0L)),
                        List.of("version"),
                        "TEST");
        assertThat(new VaultRowsSerializer(later).deserialize(2, written))
                .containsExactly(new VaultRow("k", null, 1, List.of("k", 0L)));
    }

    @Test
    void rowsOfAReleaseWithOtherColumnsAreReadByName() throws IOException {
        byte[] written =
                serializer("old", "kept", "moved")
                        .serialize(List.of(new VaultRow("k", null, 1, List.of("o", "k", "m"))));
        assertThat(serializer("moved", "kept", "new").deserialize(2, written))
                .containsExactly(new VaultRow("k", null, 1, Arrays.asList("m", "k", null)));
    }

    @Test
    void unknownFormatIsRefusedWithTheRemedy() {
        assertThatThrownBy(() -> serializer.deserialize(3, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("restore with the version that wrote the savepoint");
    }

    private static VaultRowsSerializer serializer(String... columns) {
        return new VaultRowsSerializer(
                new VaultTable(
                        "s",
                        "x_h",
                        "x_s",
                        "x",
                        Stream.of(columns).map(c -> new Column(c, ColumnType.TEXT)).toList(),
                        List.of(),
                        "TEST"));
    }
}
