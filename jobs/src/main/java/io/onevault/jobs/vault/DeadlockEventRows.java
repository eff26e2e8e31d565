package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.BOOLEAN;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER_ARRAY;
import static io.onevault.connectors.vault.VaultTable.ColumnType.JSON;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT_ARRAY;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP_MICROS;

import io.onevault.connectors.vault.VaultLink;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultRowMapper;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.DeadlockMember;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Deadlocks and near misses in {@code lock_monitoring.deadlock_event_s}: the hub is the event,
 * linked to the waits of its members.
 */
public final class DeadlockEventRows implements VaultRowMapper<DeadlockEvent> {

    private static final long serialVersionUID = 1L;
    private static final String TO_WAIT = "deadlock_lock_l";

    public static final VaultTable TABLE =
            new VaultTable(
                            "lock_monitoring",
                            "deadlock_event_h",
                            "deadlock_event_s",
                            "deadlock_event",
                            List.of(
                                    new Column("target_name", TEXT),
                                    new Column("database_name", TEXT),
                                    new Column("deadlock_timestamp", TIMESTAMP_MICROS),
                                    new Column("detected_at", TIMESTAMP_MICROS),
                                    new Column("reported_at", TIMESTAMP_MICROS),
                                    new Column("detected_before_server", BOOLEAN),
                                    new Column("detection_source", TEXT),
                                    new Column("chain_length", INTEGER),
                                    new Column("pid_chain", INTEGER_ARRAY),
                                    new Column("victim_pid", INTEGER),
                                    new Column("relation_names", TEXT_ARRAY),
                                    new Column("lock_modes", TEXT_ARRAY),
                                    new Column("query_fingerprints", TEXT_ARRAY),
                                    new Column("affected_tenants", TEXT_ARRAY),
                                    new Column("cycle", JSON),
                                    new Column("is_closed", BOOLEAN),
                                    new Column("observed_at", TIMESTAMP_MICROS),
                                    new Column("outcome", TEXT),
                                    new Column("resolution_action", TEXT),
                                    new Column("event_count", INTEGER),
                                    new Column("ended_at", TIMESTAMP_MICROS)),
                            List.of("is_closed", "observed_at"),
                            LockValues.RECORD_SOURCE)
                    .withLinks(
                            new VaultLink(
                                    TO_WAIT,
                                    "deadlock_lock",
                                    "lock_activity_h",
                                    "lock_activity",
                                    false));

    private final Pseudonyms names;

    public DeadlockEventRows(Pseudonyms names) {
        this.names = names;
    }

    @Override
    public VaultRow map(DeadlockEvent event) {
        List<DeadlockMember> members = event.members();
        return new VaultRow(
                event.key(),
                event.tenant(),
                LockValues.loadDate(event.observedAtMicros()),
                Arrays.<@Nullable Object>asList(
                        event.target(),
                        LockValues.text(event.database()),
                        event.deadlockAtMicros(),
                        LockValues.moment(event.detectedAtMicros()),
                        LockValues.moment(event.reportedAtMicros()),
                        event.detectedBeforeServer(),
                        event.source(),
                        members.size(),
                        members.isEmpty()
                                ? null
                                : LockValues.integers(
                                        members.stream().map(DeadlockMember::pid).toList()),
                        event.victimPid() == 0 ? null : event.victimPid(),
                        distinct(members, DeadlockMember::relation),
                        distinct(members, DeadlockMember::lockMode),
                        distinct(members, DeadlockMember::fingerprint),
                        LockValues.texts(event.tenants()),
                        Json.array(members.stream().map(m -> member(m, event)).toList()),
                        !"OPEN".equals(event.outcome()),
                        event.observedAtMicros(),
                        event.outcome(),
                        LockValues.text(event.resolution()),
                        event.count(),
                        LockValues.moment(event.endedAtMicros())),
                members.stream()
                        .map(DeadlockMember::waitKey)
                        .filter(key -> !key.isEmpty())
                        .distinct()
                        .map(key -> new VaultRow.Link(TO_WAIT, key))
                        .toList());
    }

    private static String distinct(
            List<DeadlockMember> members, Function<DeadlockMember, String> value) {
        return LockValues.texts(
                members.stream().map(value).filter(text -> !text.isEmpty()).distinct().toList());
    }

    private Map<String, Object> member(DeadlockMember member, DeadlockEvent event) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("pid", member.pid());
        LockValues.putMoment(values, "backend_start", member.backendStartMicros());
        values.put("blocked_by", member.blockedBy());
        values.put("victim", member.pid() == event.victimPid());
        LockValues.put(values, "user", names.clear(member.user()));
        LockValues.put(values, "user_hash", names.hex(member.user()));
        LockValues.put(values, "application", member.application());
        LockValues.put(values, "lock_type", member.lockType());
        LockValues.put(values, "lock_mode", member.lockMode());
        LockValues.put(values, "resource", member.resource());
        LockValues.put(values, "relation", member.relation());
        LockValues.put(values, "statement", member.statement());
        LockValues.put(values, "fingerprint", member.fingerprint());
        return values;
    }
}
