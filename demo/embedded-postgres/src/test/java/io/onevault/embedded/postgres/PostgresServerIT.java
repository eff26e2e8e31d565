package io.onevault.embedded.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class PostgresServerIT {

    static final java.util.List<Integer> VERSIONS = PostgresServer.SUPPORTED_VERSIONS;

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void startsTheVersionAskedFor(int version) throws SQLException {
        try (PostgresServer server = PostgresServer.builder(version).start()) {
            assertThat(query(server, "SHOW server_version_num")).startsWith("" + version);
            assertThat(query(server, "SHOW wal_level")).isEqualTo("logical");
        }
    }

    @Test
    void keepsCommittedRowsAndItsPortThroughCrashAndRestart() throws SQLException {
        Path directory;
        try (PostgresServer server = PostgresServer.startLatest()) {
            directory = server.directory();
            int port = server.port();
            server.execute("postgres", "CREATE TABLE t AS SELECT 42 AS answer");
            server.crash();
            assertThatThrownBy(() -> server.connect("postgres")).isInstanceOf(SQLException.class);
            server.start();
            assertThat(query(server, "SELECT answer FROM t")).isEqualTo("42");
            server.restart();
            assertThat(query(server, "SELECT answer FROM t")).isEqualTo("42");
            assertThat(server.port()).isEqualTo(port);
        }
        assertThat(directory).doesNotExist();
    }

    @Test
    void beginsWithACopyOfAnotherOnesData() throws SQLException {
        try (PostgresServer first = PostgresServer.startLatest()) {
            first.execute("postgres", "CREATE TABLE t AS SELECT 42 AS answer");
            first.stop();
            try (PostgresServer copy =
                    PostgresServer.builder(PostgresServer.LATEST_VERSION)
                            .initialData(first.directory().resolve("data"))
                            .start()) {
                assertThat(query(copy, "SELECT answer FROM t")).isEqualTo("42");
                copy.execute("postgres", "DROP TABLE t");
            }
            first.start();
            assertThat(query(first, "SELECT answer FROM t")).isEqualTo("42");
            try (PostgresServer empty = PostgresServer.startLatest()) {
                assertThat(query(empty, "SELECT to_regclass('t')")).isNull();
            }
        }
    }

    private static String query(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
