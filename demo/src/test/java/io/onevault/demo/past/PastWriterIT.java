package io.onevault.demo.past;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.sql.VaultDeployer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A past in a real vault, as the views show it. */
class PastWriterIT {

    private static final List<TenantPast> PASTS = TenantPast.all(1);

    private static PostgresServer server;
    private static long end;

    @BeforeAll
    static void write() throws Exception {
        server = PostgresServer.startLatest();
        server.createDatabase("vault");
        new VaultDeployer(server.jdbcUrl("vault"), PostgresServer.SUPERUSER, () -> "").deploy();
        server.execute(
                "vault",
                "CREATE ROLE pipeline LOGIN IN ROLE onevault_writer",
                "CREATE ROLE reader LOGIN IN ROLE onevault_reader");
        try (Connection pipeline = server.connect("vault", "pipeline", "")) {
            PastWriter writer = new PastWriter(pipeline, System.currentTimeMillis());
            writer.write(PASTS);
            // What comes twice, as after an interrupted start, is there once.
            writer.write(PASTS);
            end = writer.end();
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void historyIsADayAfterTheOtherWithItsLastValue() throws SQLException {
        TenantPast acme = PASTS.get(1);

        assertThat(
                        rows(
                                "SELECT resource_name, count(*), count(DISTINCT day) FROM"
                                        + " resource_history GROUP BY 1"))
                .containsExactlyInAnyOrderElementsOf(
                        PASTS.stream().map(past -> past.name() + "|270|270").toList());
        assertThat(
                        rows(
                                "SELECT value FROM resource_history WHERE resource_name = '"
                                        + acme.name()
                                        + "' ORDER BY day"))
                .extracting(Double::parseDouble)
                .containsExactlyElementsOf(acme.days());
        assertThat(rows("SELECT count(*) FROM current_capacity_status WHERE tenant IS NOT NULL"))
                .containsExactly("6");
    }

    @Test
    void outcomesAreWhatCameOnTheDayForetold() throws SQLException {
        TenantPast acme = PASTS.get(1);

        assertThat(
                        rows(
                                "SELECT horizon_days, count(*) FROM forecast_outcomes GROUP BY 1"
                                        + " ORDER BY 1"))
                .containsExactly("7|150", "30|126", "90|78");
        List<String> month =
                rows(
                        "SELECT extract(EPOCH FROM forecast_timestamp)::bigint, actual, projected,"
                                + " error FROM forecast_outcomes WHERE horizon_days = 30 AND"
                                + " resource_name = '"
                                + acme.name()
                                + "'");
        assertThat(month).hasSize(21).allMatch(cameAsMeasured(acme, 30));
        assertThat(
                        rows(
                                "SELECT bool_and(within_80 = (actual BETWEEN lo80 AND hi80)),"
                                        + " avg(within_95::int) > 0.8 FROM forecast_outcomes"))
                .containsExactly("t|t");
    }

    @Test
    void forecastsOfThePastAreNotTakenForTheRunningJobs() throws SQLException {
        try (Connection owner = server.connect("vault")) {
            assertThat(Verdicts.of(owner, PASTS, end)).isEmpty();
            assertThat(Verdicts.of(owner, PASTS, end - 7 * 86_400_000L)).hasSize(PASTS.size());
        }
    }

    @Test
    void readerSeesItsTenantsPastOnly() throws SQLException {
        try (Connection reader = server.connect("vault", "reader", "")) {
            String both =
                    "SELECT DISTINCT tenant FROM capacity_planning.resource_history UNION SELECT"
                            + " DISTINCT tenant FROM capacity_planning.forecast_outcomes";
            assertThat(rows(reader, both)).isEmpty();
            rows(
                    reader,
                    "SELECT set_config('app.current_tenant_id', encode(util.hash_binary('acme'),"
                            + " 'hex'), false)");
            assertThat(rows(reader, both)).containsExactly("acme");
        }
    }

    private static Predicate<String> cameAsMeasured(TenantPast past, int horizon) {
        return row -> {
            String[] column = row.split("\\|");
            long made = Long.parseLong(column[0]) * 1000;
            int hoursBefore = (int) ((end - made) / 3_600_000L) - 24 * horizon;
            double actual = Double.parseDouble(column[1]);
            return actual == past.measured(hoursBefore)
                    && Double.parseDouble(column[3]) == Double.parseDouble(column[2]) - actual;
        };
    }

    private static List<String> rows(String query) throws SQLException {
        try (Connection owner = server.connect("vault");
                Statement statement = owner.createStatement()) {
            statement.execute("SET search_path = capacity_planning");
            return rows(owner, query);
        }
    }

    private static List<String> rows(Connection connection, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(result.getString(i));
                }
                rows.add(String.join("|", row));
            }
        }
        return rows;
    }
}
