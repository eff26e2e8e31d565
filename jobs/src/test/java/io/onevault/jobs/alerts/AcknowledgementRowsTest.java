package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.RowChange;
import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import io.onevault.jobs.alerts.rules.Rows;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AcknowledgementRowsTest {

    private static final long ROW = 1_794_999_600_000_123L;

    @Test
    void aRowTakesNoteAndItsEndTakesThatBack() {
        assertThat(read("CREATE", "", "2026-11-18T12:00:00.5Z"))
                .isEqualTo(new Acknowledgement("ab12", ROW, "ann", 1_795_003_200_500L, false));
        assertThat(read("READ", "", ""))
                .isEqualTo(new Acknowledgement("ab12", ROW, "ann", 0, false));
        assertThat(read("UPDATE", "2026-11-18T12:00:00Z", ""))
                .isEqualTo(new Acknowledgement("ab12", ROW, "", 0, true));
        assertThat(read("DELETE", "", "")).isEqualTo(new Acknowledgement("ab12", ROW, "", 0, true));
        assertThat(read("CREATE", "", "infinity"))
                .isEqualTo(new Acknowledgement("ab12", ROW, "ann", 0, false));
    }

    @Test
    void aRowThatHasRunOutBeatsOlderOnesInASnapshotToo() {
        assertThat(read("READ", "", "2025-01-01T00:00:00Z"))
                .isEqualTo(new Acknowledgement("ab12", ROW, "ann", 1_735_689_600_000L, false));
        assertThat(read("UPDATE", "", "2025-01-01T00:00:00Z")).as("ended by its time").isNotNull();
    }

    @Test
    void anEndedRowOfTheSnapshotAndOtherTablesSayNothing() {
        assertThat(read("READ", "2026-11-18T12:00:00Z", "")).isNull();
        assertThat(
                        AcknowledgementRows.read(
                                Rows.change(
                                        1,
                                        "monitoring",
                                        "alert_configuration_s",
                                        "CREATE",
                                        Map.of("alert_instance_hk", "\\xab12"),
                                        List.of())))
                .isNull();
    }

    private static Acknowledgement read(String operation, String ended, String until) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("alert_instance_hk", "\\xab12");
        row.put("load_date", "2026-11-18T11:00:00.000123Z");
        row.put("load_end_date", ended.isEmpty() ? null : ended);
        row.put("acknowledged_by", "ann");
        row.put("acknowledged_until", until.isEmpty() ? null : until);
        RowChange change =
                Rows.change(1, "monitoring", "alert_acknowledgement_s", operation, row, List.of());
        return AcknowledgementRows.read(change);
    }
}
