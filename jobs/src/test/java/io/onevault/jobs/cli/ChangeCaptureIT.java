package io.onevault.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code deploy} and {@code validate} do about the changes of a target. */
class ChangeCaptureIT {

    private static final String SECRET = "s3cr3t-Zq9";
    private static PostgresServer server;

    @TempDir private Path folder;

    private record Ended(int code, String out, String err) {}

    @BeforeAll
    static void start() {
        server =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("max_slot_wal_keep_size", "1GB")
                        .setting("max_replication_slots", "2")
                        .start();
        server.createDatabase("vault");
        server.createDatabase("orders");
        server.execute(
                "orders",
                "CREATE EXTENSION pg_stat_statements",
                "CREATE ROLE watcher LOGIN PASSWORD '" + SECRET + "' IN ROLE pg_monitor",
                "CREATE SCHEMA business",
                "CREATE TABLE business.customer_h (customer_hk bytea PRIMARY KEY, tenant_hk bytea)",
                "CREATE TABLE business.note (customer_hk bytea, body text)");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void forgetSlots() {
        server.execute(
                "orders",
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots",
                "DROP PUBLICATION IF EXISTS onevault_orders",
                "ALTER TABLE business.note REPLICA IDENTITY DEFAULT",
                "ALTER ROLE watcher NOREPLICATION",
                "REVOKE ALL ON business.customer_h, business.note FROM watcher",
                "REVOKE ALL ON SCHEMA business FROM watcher");
    }

    @Test
    void deployMakesWhatValidateAsksFor() throws Exception {
        String changes =
                "{tables: [business.customer_h, business.note], whole_rows: [business.note],"
                        + " admin_user: postgres}";
        assertThat(run("validate", changes).err())
                .contains("targets[0].changes.user \"watcher\" may not read the log")
                .contains("changes.tables \"business.customer_h\" may not be read")
                .contains("are not in the publication onevault_orders")
                .contains("changes.slot \"onevault_orders\" does not exist");

        Ended deployed = run("deploy", changes);
        assertThat(deployed.err()).isEmpty();
        assertThat(deployed.code()).isZero();
        assertThat(deployed.out())
                .contains("Changes of 2 tables of 127.0.0.1:")
                .contains("slot onevault_orders, which is new");
        assertThat(
                        single(
                                "SELECT relreplident::text FROM pg_class WHERE oid ="
                                        + " 'business.note'::regclass"))
                .isEqualTo("f");

        server.execute(
                "orders",
                "ALTER ROLE watcher REPLICATION",
                "GRANT USAGE ON SCHEMA business TO watcher",
                "GRANT SELECT ON ALL TABLES IN SCHEMA business TO watcher");
        Ended valid = run("validate", changes);
        assertThat(valid.err()).isEmpty();
        assertThat(valid.code()).isZero();
    }

    @Test
    void aTableThatWouldRefuseItsUpdatesIsNotPublished() throws Exception {
        Ended refused =
                run(
                        "deploy",
                        "{tables: [business.customer_h, business.note], admin_user: postgres}");

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("business.note", "no primary key", "whole_rows");
        assertThat(single("SELECT count(*) FROM pg_publication WHERE pubname = 'onevault_orders'"))
                .isEqualTo("0");
        server.execute("orders", "UPDATE business.note SET body = 'x'");
    }

    @Test
    void everythingThatIsInTheWayIsSaid() throws Exception {
        assertThat(run("deploy", "{tables: [business.nothing, business.customer_h]}").err())
                .contains("business.nothing", "is not a table of");
        Ended unprivileged = run("deploy", "{tables: [business.customer_h]}");
        assertThat(unprivileged.code()).isEqualTo(2);
        assertThat(unprivileged.err())
                .contains("changes.admin_user \"watcher\" may not make publication and slot")
                .doesNotContain(SECRET);
        server.execute(
                "orders",
                "SELECT pg_create_logical_replication_slot('a', 'pgoutput')",
                "SELECT pg_create_logical_replication_slot('b', 'pgoutput')");
        assertThat(run("deploy", "{tables: [business.customer_h], admin_user: postgres}").err())
                .contains("raise max_replication_slots");
    }

    @Test
    void rowsHiddenByRowSecurityAreNamed() throws Exception {
        String changes = "{tables: [business.customer_h], admin_user: postgres}";
        run("deploy", changes);
        server.execute(
                "orders",
                "ALTER ROLE watcher REPLICATION",
                "GRANT USAGE ON SCHEMA business TO watcher",
                "GRANT SELECT ON business.customer_h TO watcher",
                "ALTER TABLE business.customer_h ENABLE ROW LEVEL SECURITY");
        assertThat(run("validate", changes).err()).contains("business.customer_h", "BYPASSRLS");
        server.execute("orders", "CREATE POLICY all_rows ON business.customer_h USING (true)");
        assertThat(run("validate", changes).err()).isEmpty();
        server.execute(
                "orders",
                "DROP POLICY all_rows ON business.customer_h",
                "ALTER TABLE business.customer_h DISABLE ROW LEVEL SECURITY");
    }

    @Test
    void aSlotOfSomebodyElseIsNeitherMovedNorTakenForOurs() throws Exception {
        String changes = "{tables: [business.customer_h], admin_user: postgres}";
        String position =
                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name ="
                        + " 'onevault_orders'";
        server.execute(
                "vault",
                "SELECT pg_create_logical_replication_slot('onevault_orders', 'pgoutput')");
        String elsewhere = single(position);
        Ended foreign = run("deploy", changes);
        assertThat(foreign.code()).isEqualTo(2);
        assertThat(foreign.err()).contains("another database or plugin", "write another name");
        assertThat(single(position)).isEqualTo(elsewhere);
        server.execute("vault", "SELECT pg_drop_replication_slot('onevault_orders')");
        server.execute("orders", "SELECT pg_create_physical_replication_slot('onevault_orders')");
        assertThat(run("deploy", changes).err()).contains("another database or plugin");
        server.execute(
                "orders",
                "SELECT pg_drop_replication_slot('onevault_orders')",
                "SELECT pg_create_logical_replication_slot('onevault_orders', 'pgoutput')",
                "UPDATE business.customer_h SET tenant_hk = NULL");
        String before = single(position);
        Ended older = run("deploy", changes);
        assertThat(older.code()).isEqualTo(2);
        assertThat(older.err()).contains("is older than its publication", "drop the slot");
        assertThat(single(position)).isEqualTo(before);
        assertThat(single("SELECT count(*) FROM pg_publication")).isEqualTo("0");
    }

    @Test
    void onlyAnIdentityThatTheServerCanUseCounts() throws Exception {
        server.execute(
                "orders",
                "CREATE TABLE business.late (id int PRIMARY KEY DEFERRABLE)",
                "CREATE TABLE business.bare (id int NOT NULL)",
                "CREATE UNIQUE INDEX bare_id ON business.bare (id)",
                "ALTER TABLE business.bare REPLICA IDENTITY USING INDEX bare_id");
        String bare = "{tables: [business.bare], admin_user: postgres}";
        assertThat(run("deploy", bare).err()).isEmpty();
        server.execute("orders", "UPDATE business.bare SET id = 2", "DROP INDEX business.bare_id");
        assertThat(run("deploy", bare).err()).contains("business.bare", "replica identity");
        assertThat(run("deploy", "{tables: [business.late], admin_user: postgres}").err())
                .contains("business.late", "replica identity", "not deferrable");
        server.execute("orders", "DROP TABLE business.late, business.bare");
    }

    @Test
    void deployAgainMendsPartitionsThatWereMadeLater() throws Exception {
        server.execute(
                "orders",
                "CREATE TABLE business.part (day int, body text) PARTITION BY RANGE (day)",
                "CREATE TABLE business.part_1 PARTITION OF business.part FOR VALUES FROM (0) TO"
                        + " (10)");
        assertThat(run("deploy", "{tables: [business.part], admin_user: postgres}").err())
                .contains("business.part_1");
        String changes =
                "{tables: [business.part], whole_rows: [business.part], admin_user: postgres}";
        assertThat(run("deploy", changes).err()).isEmpty();
        server.execute(
                "orders",
                "CREATE TABLE business.part_2 PARTITION OF business.part FOR VALUES FROM (10) TO"
                        + " (20)",
                "INSERT INTO business.part VALUES (1, 'a'), (11, 'b')");
        assertThat(run("deploy", changes).err()).isEmpty();
        server.execute("orders", "UPDATE business.part SET body = 'c'", "DROP TABLE business.part");
    }

    @Test
    void aPublicationThatLeavesSomethingOutIsMendedByDeploy() throws Exception {
        String changes = "{tables: [business.customer_h], admin_user: postgres}";
        assertThat(run("deploy", changes).err()).isEmpty();
        assertThat(run("validate", changes).err())
                .doesNotContain("leaves changes")
                .contains(
                        "run GRANT USAGE ON SCHEMA \"business\" TO \"watcher\"; GRANT SELECT ON"
                                + " \"business\".\"customer_h\" TO \"watcher\"");
        for (String change :
                new String[] {
                    "SET (publish = 'insert')",
                    "SET (publish_via_partition_root = false)",
                    "SET TABLE business.customer_h (customer_hk)",
                    "SET TABLE business.customer_h WHERE (customer_hk IS NOT NULL)"
                }) {
            server.execute("orders", "ALTER PUBLICATION onevault_orders " + change);
            assertThat(run("validate", changes).err()).as(change).contains("leaves changes");
            assertThat(run("deploy", changes).err()).as(change).isEmpty();
            assertThat(run("validate", changes).err()).as(change).doesNotContain("leaves changes");
        }
    }

    private static String single(String sql) throws SQLException {
        try (Connection connection = server.connect("orders");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    private Ended run(String command, String changes) throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("onevault.yaml"),
                        """
                        vault: {url: "%1$s", user: postgres, rules: {enabled: false}}
                        targets:
                          - {name: orders, url: "%2$s", user: watcher, password: %3$s, changes: %4$s}
                        locks: {log: false}
                        """
                                .formatted(
                                        server.jdbcUrl("vault"),
                                        server.jdbcUrl("orders"),
                                        SECRET,
                                        changes));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                OneVault.run(
                        new PrintWriter(out),
                        new PrintWriter(err),
                        name -> null,
                        command,
                        "--config",
                        file.toString());
        return new Ended(code, out.toString(), err.toString());
    }
}
