package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.BOOLEAN;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER;
import static io.onevault.connectors.vault.VaultTable.ColumnType.JSON;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP_MICROS;

import io.onevault.connectors.vault.VaultLink;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.locks.resolution.LockResolution;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decisions in {@code lock_monitoring.lock_resolution_s}: the hub is the decision, linked to its
 * incident; its first row stands from the decision, a second one from the attempt.
 */
public final class LockResolutionRows {

    private static final String TO_INCIDENT = "blocking_resolution_l";

    public static final VaultTable TABLE =
            new VaultTable(
                            "lock_monitoring",
                            "lock_resolution_h",
                            "lock_resolution_s",
                            "lock_resolution",
                            List.of(
                                    new Column("target_name", TEXT),
                                    new Column("session_pid", INTEGER),
                                    new Column("backend_start", TIMESTAMP_MICROS),
                                    new Column("decided_at", TIMESTAMP_MICROS),
                                    new Column("decision", TEXT),
                                    new Column("decision_reason", TEXT),
                                    new Column("safety_rules", JSON),
                                    new Column("is_dry_run", BOOLEAN),
                                    new Column("executed_at", TIMESTAMP_MICROS),
                                    new Column("outcome", TEXT),
                                    new Column("has_outcome", BOOLEAN)),
                            List.of("has_outcome"),
                            LockValues.RECORD_SOURCE)
                    .withLinks(
                            new VaultLink(
                                    TO_INCIDENT,
                                    "blocking_resolution",
                                    "blocking_session_h",
                                    "blocking_session",
                                    true));

    private LockResolutionRows() {}

    /** The row of a decision; of two of one moment that with an outcome stands. */
    public static VaultRow row(LockResolution decision) {
        long at = Math.max(decision.decidedAtMicros(), decision.executedAtMicros());
        return new VaultRow(
                decision.key(),
                decision.tenant(),
                LockValues.loadDate(at),
                Arrays.<@Nullable Object>asList(
                        decision.target(),
                        decision.pid(),
                        LockValues.moment(decision.backendStartMicros()),
                        decision.decidedAtMicros(),
                        decision.decision(),
                        decision.reason(),
                        Json.object(decision.safetyRules()),
                        decision.dryRun(),
                        LockValues.moment(decision.executedAtMicros()),
                        LockValues.text(decision.outcome()),
                        !decision.outcome().isEmpty()),
                decision.incident().isEmpty()
                        ? List.of()
                        : List.of(new VaultRow.Link(TO_INCIDENT, decision.incident())));
    }
}
