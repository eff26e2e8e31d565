package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.LONG;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;

import io.onevault.connectors.model.CdcDeadLetter;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import java.util.List;
import java.util.Map;

/** Undecoded changes in {@code monitoring.change_dead_letter_s}: the hub is the change. */
public final class ChangeDeadLetterRows {

    public static final VaultTable TABLE =
            new VaultTable(
                    "monitoring",
                    "change_dead_letter_h",
                    "change_dead_letter_s",
                    "change_dead_letter",
                    List.of(
                            new Column("target_name", TEXT),
                            new Column("relation", TEXT),
                            new Column("log_position", LONG),
                            new Column("transaction_id", LONG),
                            new Column("ordinal", LONG),
                            new Column("reason", TEXT),
                            new Column("content", TEXT)),
                    List.of(),
                    "ONEVAULT_STREAMS_CDC");

    private ChangeDeadLetterRows() {}

    /** The row of a change, under the same key whenever it is read. */
    public static VaultRow row(CdcDeadLetter letter) {
        return new VaultRow(
                new SeriesId(
                                letter.target(),
                                "",
                                "change_dead_letter",
                                Map.of(
                                        "lsn", Long.toUnsignedString(letter.lsn()),
                                        "transaction", Long.toString(letter.transactionId()),
                                        "ordinal", Long.toString(letter.ordinal())))
                        .text(),
                null,
                letter.timestamp(),
                List.of(
                        letter.target(),
                        letter.relation(),
                        letter.lsn(),
                        letter.transactionId(),
                        letter.ordinal(),
                        letter.reason(),
                        letter.content()));
    }
}
