package io.onevault.connectors.vault;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows the vault refused, kept in {@code monitoring.dead_letter} with bytes, position and reason.
 * The key is the hash of relation and bytes, so a row refused again is the same letter.
 */
final class DeadLetters {

    private static final String INSERT =
            """
            INSERT INTO monitoring.dead_letter
                (dead_letter_hk, relation, record, record_bytes, stream_position, sqlstate, reason)
            VALUES (?, ?, ?::jsonb, ?, ?, ?, ?)
            ON CONFLICT (dead_letter_hk) DO NOTHING\
            """;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Connection connection;

    DeadLetters(Connection connection) {
        this.connection = connection;
    }

    void write(VaultTable table, VaultRow row, SQLException refusal) throws SQLException {
        byte[] bytes = bytes(table, row);
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            statement.setBytes(
                    1,
                    HashKey.difference(
                            List.<@Nullable Object>of(table.qualifiedSatellite(), bytes)));
            statement.setString(2, table.qualifiedSatellite());
            statement.setString(3, json(table, row));
            statement.setBytes(4, bytes);
            statement.setString(5, Storable.text(row.businessKey() + "@" + row.loadDate()));
            statement.setString(6, refusal.getSQLState());
            statement.setString(7, Storable.text(String.valueOf(refusal.getMessage())));
            statement.executeUpdate();
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        }
    }

    private static String json(VaultTable table, VaultRow row) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("business_key", Storable.text(row.businessKey()));
        for (int i = 0; i < table.columns().size() && i < row.payload().size(); i++) {
            values.put(
                    table.columns().get(i).name(),
                    Storable.text(String.valueOf(row.payload().get(i))));
        }
        for (VaultRow.Link link : row.links()) {
            values.merge(
                    link.table(),
                    Storable.text(link.businessKey()),
                    (keys, another) -> keys + ", " + another);
        }
        try {
            return JSON.writeValueAsString(values);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts is always JSON", e);
        }
    }

    private static byte[] bytes(VaultTable table, VaultRow row) {
        try {
            return new VaultRowsSerializer(table).serialize(List.of(row));
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory does not fail", e);
        }
    }
}
