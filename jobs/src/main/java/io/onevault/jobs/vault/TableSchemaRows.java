package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.JSON;
import static io.onevault.connectors.vault.VaultTable.ColumnType.LONG;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;

import io.onevault.connectors.model.SchemaVersion;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Columns of watched tables in {@code monitoring.table_schema_s}: the hub is the table. */
public final class TableSchemaRows {

    public static final VaultTable TABLE =
            new VaultTable(
                    "monitoring",
                    "table_schema_h",
                    "table_schema_s",
                    "table_schema",
                    List.of(
                            new Column("target_name", TEXT),
                            new Column("schema_name", TEXT),
                            new Column("table_name", TEXT),
                            new Column("columns", JSON),
                            new Column("log_position", LONG)),
                    List.of("log_position"),
                    "ONEVAULT_STREAMS_CDC");

    private TableSchemaRows() {}

    /** The row of a version; of two with one commit time the later in the log stands. */
    public static VaultRow row(SchemaVersion version) {
        return new VaultRow(
                new SeriesId(
                                version.target(),
                                "",
                                "table_schema",
                                Map.of("table", version.schema() + "." + version.table()))
                        .text(),
                null,
                version.timestamp(),
                List.of(
                        version.target(),
                        version.schema(),
                        version.table(),
                        Json.array(
                                version.columns().stream().map(TableSchemaRows::column).toList()),
                        version.lsn()));
    }

    private static Map<String, Object> column(SchemaVersion.TableColumn column) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", column.name());
        values.put("type", column.type());
        values.put("key", column.key());
        return values;
    }
}
