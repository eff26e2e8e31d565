package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.JSON;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;

import io.onevault.connectors.model.Fact;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import java.util.List;
import java.util.Map;

/** Facts in {@code monitoring.server_object_s}: the hub is the object, each change a row. */
public final class FactRows {

    public static final VaultTable TABLE =
            new VaultTable(
                    "monitoring",
                    "server_object_h",
                    "server_object_s",
                    "server_object",
                    List.of(
                            new Column("target_name", TEXT),
                            new Column("object_kind", TEXT),
                            new Column("object_key", TEXT),
                            new Column("attributes", JSON)),
                    List.of(),
                    "ONEVAULT_STREAMS_POLLING");

    private FactRows() {}

    public static VaultRow row(Fact fact) {
        return new VaultRow(
                new SeriesId(fact.target(), "", fact.kind(), Map.of("key", fact.key())).text(),
                null,
                fact.timestamp(),
                List.of(fact.target(), fact.kind(), fact.key(), Json.object(fact.attributes())));
    }
}
