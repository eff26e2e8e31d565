package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.BYTES;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP_TEXT;

import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.alerts.rules.RuleRejection;
import java.util.HexFormat;
import java.util.List;

/**
 * Rejections in {@code monitoring.alert_rule_rejection_s}, {@code
 * monitoring.alert_silence_rejection_s} and {@code
 * capacity_planning.capacity_threshold_rejection_s}: the hub is the rule's, which people wrote. The
 * open row says how things are; an empty reason says that the rule is in order.
 */
public final class RuleRejectionRows {

    public static final VaultTable ALERT_RULES =
            table("monitoring", "alert_rule_rejection_s", "alert_configuration");

    public static final VaultTable CAPACITY_THRESHOLDS =
            table("capacity_planning", "capacity_threshold_rejection_s", "capacity_threshold");

    public static final VaultTable SILENCES =
            table("monitoring", "alert_silence_rejection_s", "alert_silence");

    private RuleRejectionRows() {}

    public static VaultRow row(RuleRejection rejection) {
        return new VaultRow(
                rejection.key(),
                null,
                rejection.at(),
                List.of(
                        rejection.rejectedLoadDate(),
                        HexFormat.of().parseHex(rejection.rejectedHashDiff()),
                        rejection.reason()));
    }

    private static VaultTable table(String schema, String satellite, String key) {
        return VaultTable.satelliteOnly(
                schema,
                satellite,
                key,
                List.of(
                        new Column("rejected_load_date", TIMESTAMP_TEXT),
                        new Column("rejected_hash_diff", BYTES),
                        new Column("reason", TEXT)),
                List.of(),
                "ONEVAULT_STREAMS_RULES");
    }
}
