package io.onevault.connectors.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The source in a cluster against PostgreSQL, each test in a database of its own. */
class PostgresCdcSourceIT {

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    private static final Duration CHECKPOINTS = Duration.ofMillis(200);

    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.startLatest();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void readsTheRowsThatAreThereThenEveryChange() throws Exception {
        database("stream", "CREATE TABLE item (id int PRIMARY KEY, name text)");
        server.execute("stream", "INSERT INTO item VALUES (1, 'one'), (2, NULL)");
        CdcJob.prepare(server, "stream", "public.item");
        try (CdcJob job =
                CdcJob.start(CdcJob.source(server, "stream", "public.item").build(), CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds("the snapshot", () -> CdcJob.changes().count() == 2);
            server.execute(
                    "stream",
                    "INSERT INTO item VALUES (3, 'three')",
                    "UPDATE item SET name = 'ONE' WHERE id = 1",
                    "DELETE FROM item WHERE id = 2",
                    "TRUNCATE item");
            Until.holds("the changes", () -> CdcJob.changes().count() == 6);
        }
        List<RowChange> changes = CdcJob.changes().toList();
        assertThat(changes)
                .extracting(RowChange::operation)
                .containsExactly("READ", "READ", "CREATE", "UPDATE", "DELETE", "TRUNCATE");
        assertThat(changes.get(1).after())
                .containsExactly(
                        new FieldValue("id", "int4", "2", false),
                        new FieldValue("name", "text", null, false));
        assertThat(changes.get(3).before()).isNull();
        assertThat(changes.get(3).after())
                .containsExactly(
                        new FieldValue("id", "int4", "1", false),
                        new FieldValue("name", "text", "ONE", false));
        assertThat(changes.get(4).before())
                .containsExactly(new FieldValue("id", "int4", "2", false));
        assertThat(changes.get(4).after()).isNull();
        assertThat(changes)
                .filteredOn(change -> !change.snapshot())
                .extracting(RowChange::precedingCommitLsn)
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(CdcJob.records()).allMatch(record -> record.gap() == null);
    }

    @Test
    void refusesAJobWithoutCheckpoints() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        assertThatThrownBy(
                        () -> CdcJob.source(server, "any", "public.item").build().addTo(env, "uid"))
                .hasMessageContaining("needs checkpoints")
                .hasMessageContaining("execution.checkpointing.interval");
    }

    private static void database(String name, String... statements) {
        server.createDatabase(name);
        server.execute(name, statements);
    }

    private static String query(String database, String sql) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "";
        }
    }
}
