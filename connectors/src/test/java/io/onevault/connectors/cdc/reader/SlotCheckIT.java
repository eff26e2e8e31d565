package io.onevault.connectors.cdc.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.cdc.CdcOptions;
import io.onevault.connectors.cdc.CdcSlots;
import io.onevault.connectors.cdc.split.CdcPosition;
import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the source refuses to resume. */
class SlotCheckIT {

    private static final Duration SECOND = Duration.ofSeconds(1);

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
            server.execute("postgres", "DROP PUBLICATION p");
            assertThat(reason(server, connection, fresh)).isEqualTo("PUBLICATION_MISSING");
        }
    }

    private static CdcSplit at(long system, long lsn) {
        return new CdcSplit("cdc/s", system, 1, new CdcPosition(lsn, 0, 0), null);
    }

    private static String reason(PostgresServer server, Connection connection, CdcSplit split)
            throws SQLException {
        SlotCheck.Refusal refusal = SlotCheck.ask(connection, options(server), split).refusal();
        return refusal == null ? null : refusal.reason();
    }

    private static CdcOptions options(PostgresServer server) {
        return new CdcOptions(
                "t",
                server.jdbcUrl("postgres"),
                "postgres",
                Secret.NONE,
                "s",
                "p",
                List.of("public.item"),
                SECOND,
                SECOND,
                SECOND,
                1,
                1,
                0);
    }
}
