package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.BOOLEAN;
import static io.onevault.connectors.vault.VaultTable.ColumnType.BYTES;
import static io.onevault.connectors.vault.VaultTable.ColumnType.DOUBLE;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER_ARRAY;
import static io.onevault.connectors.vault.VaultTable.ColumnType.JSON;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT_ARRAY;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP_MICROS;

import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultRowMapper;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.locks.incident.Blocker;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Victim;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Incidents in {@code lock_monitoring.blocking_session_s}: the hub is the incident, a row its state
 * when it opened, grew, changed its root or closed.
 */
public final class BlockingIncidentRows implements VaultRowMapper<BlockingIncident> {

    private static final long serialVersionUID = 1L;

    public static final VaultTable TABLE =
            new VaultTable(
                            "lock_monitoring",
                            "blocking_session_h",
                            "blocking_session_s",
                            "blocking_session",
                            List.of(
                                    new Column("session_pid", INTEGER),
                                    new Column("backend_start", TIMESTAMP_MICROS),
                                    new Column("session_state", TEXT),
                                    new Column("user_name", TEXT),
                                    new Column("username_hash", BYTES),
                                    new Column("is_superuser", BOOLEAN),
                                    new Column("application_name", TEXT),
                                    new Column("current_query", TEXT),
                                    new Column("query_fingerprint", TEXT),
                                    new Column("incident_status", TEXT),
                                    new Column("resolution_action", TEXT),
                                    new Column("target_name", TEXT),
                                    new Column("database_name", TEXT),
                                    new Column("relation_name", TEXT),
                                    new Column("lock_modes", TEXT_ARRAY),
                                    new Column("opened_at", TIMESTAMP_MICROS),
                                    new Column("closed_at", TIMESTAMP_MICROS),
                                    new Column("chain_depth", INTEGER),
                                    new Column("victim_count", INTEGER),
                                    new Column("victim_pids", INTEGER_ARRAY),
                                    new Column("longest_wait_seconds", DOUBLE),
                                    new Column("peak_depth", INTEGER),
                                    new Column("peak_victims", INTEGER),
                                    new Column("total_victim_seconds", DOUBLE),
                                    new Column("lock_impact_score", DOUBLE),
                                    new Column("affected_tenants", TEXT_ARRAY),
                                    new Column("is_idle_in_transaction", BOOLEAN),
                                    new Column("maintenance_kind", TEXT),
                                    new Column("recommended_action", TEXT),
                                    new Column("chain", JSON),
                                    new Column("is_closed", BOOLEAN),
                                    new Column("observed_at", TIMESTAMP_MICROS),
                                    new Column("prepared_transaction", TEXT),
                                    new Column("root_count", INTEGER),
                                    new Column("is_cyclic", BOOLEAN),
                                    new Column("is_visible", BOOLEAN),
                                    new Column("backend_type", TEXT),
                                    new Column("state_changed_at", TIMESTAMP_MICROS),
                                    new Column("transaction_start", TIMESTAMP_MICROS),
                                    new Column("client_address", TEXT),
                                    new Column("client_hash", BYTES)),
                            List.of("is_closed", "observed_at"),
                            LockValues.RECORD_SOURCE)
                    .whichLinksName();

    private final Pseudonyms names;

    public BlockingIncidentRows(Pseudonyms names) {
        this.names = names;
    }

    @Override
    public VaultRow map(BlockingIncident incident) {
        Blocker root = incident.root();
        return new VaultRow(
                incident.key(),
                incident.tenant(),
                LockValues.loadDate(incident.observedAtMicros()),
                Arrays.<@Nullable Object>asList(
                        root.pid(),
                        LockValues.moment(root.backendStartMicros()),
                        LockValues.text(root.state()),
                        names.clear(root.user()),
                        names.hash(root.user()),
                        root.superuser(),
                        LockValues.text(root.application()),
                        LockValues.text(root.query()),
                        LockValues.text(root.fingerprint()),
                        incident.status(),
                        LockValues.text(incident.resolution()),
                        incident.target(),
                        LockValues.text(root.database()),
                        LockValues.text(String.join(", ", incident.relations())),
                        LockValues.texts(incident.lockModes()),
                        incident.openedAtMicros(),
                        LockValues.moment(incident.closedAtMicros()),
                        incident.depth(),
                        incident.victimCount(),
                        LockValues.integers(incident.victims().stream().map(Victim::pid).toList()),
                        LockValues.seconds(incident.longestWaitMicros()),
                        incident.peakDepth(),
                        incident.peakVictims(),
                        LockValues.seconds(incident.totalVictimMicros()),
                        incident.impactScore(),
                        LockValues.texts(incident.tenants()),
                        root.idleInTransaction(),
                        LockValues.text(incident.maintenanceKind()),
                        LockValues.text(incident.advice()),
                        Json.array(incident.victims().stream().map(this::victim).toList()),
                        !incident.open(),
                        incident.observedAtMicros(),
                        LockValues.text(root.gid()),
                        incident.roots(),
                        incident.cyclic(),
                        root.visible(),
                        LockValues.text(root.backendType()),
                        LockValues.moment(root.stateChangeMicros()),
                        LockValues.moment(root.xactStartMicros()),
                        names.clear(root.client()),
                        names.hash(root.client())));
    }

    private Map<String, Object> victim(Victim victim) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("pid", victim.pid());
        LockValues.putMoment(values, "backend_start", victim.backendStartMicros());
        values.put("blocked_by", victim.blockedBy());
        values.put("hard", victim.hard());
        values.put("depth", victim.depth());
        LockValues.put(values, "user", names.clear(victim.user()));
        LockValues.put(values, "user_hash", names.hex(victim.user()));
        LockValues.put(values, "application", victim.application());
        LockValues.put(values, "database", victim.database());
        LockValues.put(values, "lock_type", victim.lockType());
        LockValues.put(values, "lock_mode", victim.lockMode());
        LockValues.put(values, "relation", victim.relation());
        LockValues.putMoment(values, "wait_start", victim.waitStartMicros());
        LockValues.put(values, "query", victim.query());
        return values;
    }
}
