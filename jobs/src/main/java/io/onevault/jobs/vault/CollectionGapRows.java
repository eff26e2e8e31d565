package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import java.util.List;
import java.util.Map;

/** Collection gaps in {@code monitoring.collection_gap_s}: the hub is the target's poll. */
public final class CollectionGapRows {

    public static final VaultTable TABLE =
            new VaultTable(
                    "monitoring",
                    "collection_gap_h",
                    "collection_gap_s",
                    "collection_gap",
                    List.of(
                            new Column("target_name", TEXT),
                            new Column("poll_name", TEXT),
                            new Column("gap_start", TIMESTAMP),
                            new Column("gap_end", TIMESTAMP),
                            new Column("reason", TEXT),
                            new Column("detail", TEXT)),
                    List.of("gap_end"),
                    "ONEVAULT_STREAMS_POLLING");

    private CollectionGapRows() {}

    /** The row of a gap; of two gaps with one start the longer stands. */
    public static VaultRow row(CollectionGap gap) {
        return new VaultRow(
                new SeriesId(gap.target(), "", gap.poll(), Map.of()).text(),
                null,
                gap.from(),
                List.of(
                        gap.target(),
                        gap.poll(),
                        gap.from(),
                        gap.to(),
                        gap.reason(),
                        gap.detail()));
    }
}
