package io.onevault.connectors.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.BYTES;
import static io.onevault.connectors.vault.VaultTable.ColumnType.JSON;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP_TEXT;

import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.sql.VaultDeployer;
import java.util.List;

/** Two satellites of the vault, one with and one without a rank, for tests of writing. */
final class VaultTestTables {

    static final VaultTable OBJECTS =
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
                    "TEST");

    static final VaultTable GAPS =
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
                    "TEST");

    /** A satellite of a hub that people write and the pipeline may not. */
    static final VaultTable REJECTIONS =
            VaultTable.satelliteOnly(
                    "monitoring",
                    "alert_rule_rejection_s",
                    "alert_configuration",
                    List.of(
                            new Column("rejected_load_date", TIMESTAMP_TEXT),
                            new Column("rejected_hash_diff", BYTES),
                            new Column("reason", TEXT)),
                    List.of(),
                    "TEST");

    private VaultTestTables() {}

    static VaultRow object(String key, long loadDate, String attributes) {
        return new VaultRow(
                "prod||setting|key=" + key,
                null,
                loadDate,
                List.of("prod", "setting", key, attributes));
    }

    /** Creates a database with the vault, and the login {@code pipeline} that may write to it. */
    static void deploy(PostgresServer server, String database) {
        server.createDatabase(database);
        new VaultDeployer(server.jdbcUrl(database), PostgresServer.SUPERUSER, () -> "").deploy();
        server.execute(
                database, "CREATE ROLE pipeline LOGIN PASSWORD 'secret' IN ROLE onevault_writer");
    }
}
