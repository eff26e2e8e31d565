package io.onevault.connectors.cdc.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.cdc.CdcOptions;
import io.onevault.connectors.cdc.CdcSlots;
import io.onevault.connectors.cdc.PostgresCdcSource;
import io.onevault.connectors.cdc.split.CdcPosition;
import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the source refuses to resume. */
class SlotCheckIT {

    @Test
    void refusesWhateverWouldLoseRows() throws SQLException {
        try (PostgresServer server = PostgresServer.startLatest();
                Connection connection = server.connect("postgres")) {
            server.execute("postgres", "CREATE TABLE item (id int)");
            CdcSplit fresh = CdcSplit.fresh("cdc/s");
            assertThat(reason(server, connection, fresh)).isEqualTo("SLOT_MISSING");
            CdcSlots.prepare(connection, "p", "s", List.of("public.item"));
            SlotCheck.Answer answer = SlotCheck.ask(connection, options(server), fresh);
            assertThat(answer.refusal()).isNull();
            long system = answer.systemId();
            long confirmed = answer.confirmed();
            assertThat(reason(server, connection, at(system, confirmed))).isNull();
            assertThat(reason(server, connection, at(system, confirmed - 1)))
                    .isEqualTo("SLOT_AHEAD");
            assertThat(reason(server, connection, at(system, confirmed + (1L << 40))))
                    .isEqualTo("SERVER_BEHIND");
            assertThat(reason(server, connection, at(system + 1, confirmed)))
                    .isEqualTo("OTHER_SERVER");
            server.createDatabase("other");
            try (Connection other = server.connect("other")) {
                assertThat(reason(server, other, fresh)).isEqualTo("SLOT_FOREIGN");
            }
            CdcSplit known = at(system, confirmed).of(system, 1, answer.publication());
            assertThat(reason(server, connection, known)).isNull();
            server.execute("postgres", "DROP PUBLICATION p");
            assertThat(reason(server, connection, fresh)).isEqualTo("PUBLICATION_MISSING");
            server.execute("postgres", "CREATE PUBLICATION p FOR TABLE item");
            assertThat(reason(server, connection, fresh)).isNull();
            assertThat(reason(server, connection, known))
                    .as("created again")
                    .isEqualTo("PUBLICATION_MISSING");
            server.execute("postgres", "DROP PUBLICATION p");
            assertThatThrownBy(() -> CdcSlots.prepare(connection, "p", "s", List.of("public.item")))
                    .hasMessageContaining("WITHOUT_PUBLICATION");
            server.execute("postgres", "SELECT pg_drop_replication_slot('s')");
            CdcSlots.prepare(connection, "p", "s", List.of("public.item"));
            assertThat(SlotCheck.ask(connection, options(server), fresh).confirmed())
                    .as("the slot begins after its publication")
                    .isGreaterThan(confirmed);
            SlotCheck.Refusal refusal = SlotCheck.ask(connection, options(server), known).refusal();
            assertThat(refusal.reason()).isEqualTo("SLOT_AHEAD");
            assertThat(refusal.detail())
                    .contains("another slot name")
                    .contains("./onevault deploy --config FILE")
                    .contains("drop slot s")
                    .contains("checkpoint or savepoint")
                    .doesNotContain("Cdc");
        }
    }

    private static CdcSplit at(long system, long lsn) {
        return CdcSplit.fresh("cdc/s").of(system, 1, 0).at(new CdcPosition(lsn, 0, 0));
    }

    private static String reason(PostgresServer server, Connection connection, CdcSplit split)
            throws SQLException {
        SlotCheck.Refusal refusal = SlotCheck.ask(connection, options(server), split).refusal();
        return refusal == null ? null : refusal.reason();
    }

    private static CdcOptions options(PostgresServer server) {
        return PostgresCdcSource.builder("t", server.jdbcUrl("postgres"), "postgres", Secret.NONE)
                .slot("s")
                .publication("p")
                .tables(List.of("public.item"))
                .build()
                .options();
    }
}
