package io.onevault.jobs.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.util.InstantiationUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LockRowsTest {

    private static final long T0 = 1_760_000_000_123_457L;
    private static final Pseudonyms HASHED = new Pseudonyms(Secret.of("k3y"), false);
    private static final Pseudonyms CLEAR = new Pseudonyms(Secret.of("k3y"), true);
    private static final Pseudonyms NEITHER = new Pseudonyms(Secret.NONE, false);

    @Test
    void aWaitKeepsItsMicrosecondsAndItsIncident() {
        VaultRow row =
                new LockWaitRows(HASHED)
                        .map(LockFindings.wait("i1", "acme", 7, 5, T0, 0, T0 + 1_500_001));
        assertThat(row.loadDate()).isEqualTo(1_760_000_001_623L);
        assertThat(row.tenant()).isEqualTo("acme");
        assertThat(row.links()).containsExactly(new VaultRow.Link("lock_blocking_l", "i1"));
        assertThat(values(LockWaitRows.TABLE, row))
                .containsEntry("wait_start", T0)
                .containsEntry("wait_end", null)
                .containsEntry("lock_duration_seconds", 1.500001)
                .containsEntry("blocking_pid", 5)
                .containsEntry("blocking_pids", "{5,0}")
                .containsEntry("lock_granted", false)
                .containsEntry("resolution_action", null)
                .containsEntry("maintenance_kind", null)
                .containsEntry("is_closed", false);
    }

    @Test
    void aWaitThatIsOverLastedUntilItsEnd() {
        VaultRow row =
                new LockWaitRows(HASHED)
                        .map(LockFindings.wait("", "", 7, 5, T0, T0 + 1_000_000, T0 + 9_000_000));
        assertThat(row.links()).isEmpty();
        assertThat(values(LockWaitRows.TABLE, row))
                .containsEntry("lock_duration_seconds", 1.0)
                .containsEntry("lock_granted", true)
                .containsEntry("lock_acquired_time", T0 + 1_000_000)
                .containsEntry("resolution_action", "COMPLETED")
                .containsEntry("is_closed", true);
    }

    @Test
    void namesAreHashedWithTheKeyAndInClearTextOnlyWhereConfigured() {
        var wait = LockFindings.wait("", "", 7, 5, T0, 0, T0);
        var incident = LockFindings.incident("i", "", List.of(1, 2), T0, 0, T0);
        var deadlock =
                LockFindings.deadlock(
                        "d",
                        "",
                        "DEADLOCK",
                        List.of(LockFindings.member(1, 2, ""), LockFindings.member(2, 1, "")),
                        T0);
        // echo -n anna | openssl dgst -sha256 -hmac k3y
        String hash = HexFormat.of().formatHex(Objects.requireNonNull(HASHED.hash("anna")));
        assertThat(hash)
                .isEqualTo("9b7dde215ba2545f4d5d1d2ec2b4f7d7d45bf92106300cd22f7fd5872c68b1da");
        for (Pseudonyms names : List.of(HASHED, NEITHER)) {
            for (VaultRow row :
                    List.of(
                            new LockWaitRows(names).map(wait),
                            new BlockingIncidentRows(names).map(incident),
                            new DeadlockEventRows(names).map(deadlock))) {
                assertThat(row.payload().toString()).doesNotContain("anna", "bert", "10.0.0.7");
            }
        }
        assertThat(values(LockWaitRows.TABLE, new LockWaitRows(HASHED).map(wait)))
                .containsEntry("user_name", null)
                .hasEntrySatisfying(
                        "username_hash",
                        value ->
                                assertThat(HexFormat.of().formatHex((byte[]) value))
                                        .isEqualTo(hash));
        assertThat(values(LockWaitRows.TABLE, new LockWaitRows(NEITHER).map(wait)))
                .containsEntry("user_name", null)
                .containsEntry("username_hash", null);
        assertThat(values(LockWaitRows.TABLE, new LockWaitRows(CLEAR).map(wait)))
                .containsEntry("user_name", "anna");
        assertThat(
                        values(
                                BlockingIncidentRows.TABLE,
                                new BlockingIncidentRows(CLEAR).map(incident)))
                .containsEntry("user_name", "bert")
                .containsEntry("client_address", "10.0.0.7");
        assertThat(
                        text(
                                BlockingIncidentRows.TABLE,
                                new BlockingIncidentRows(HASHED).map(incident),
                                "chain"))
                .contains("\"user_hash\":\"" + hash + "\"");
        assertThat(
                        text(
                                DeadlockEventRows.TABLE,
                                new DeadlockEventRows(HASHED).map(deadlock),
                                "cycle"))
                .contains("\"user_hash\":\"" + hash + "\"");
    }

    @Test
    void anIncidentTellsItsVictimsInOrder() {
        VaultRow row =
                new BlockingIncidentRows(HASHED)
                        .map(
                                LockFindings.incident(
                                        "i", "acme", List.of(5, 6, 7), T0, 0, T0 + 2_000_000));
        Map<String, @Nullable Object> values = values(BlockingIncidentRows.TABLE, row);
        assertThat(values)
                .containsEntry("session_pid", 5)
                .containsEntry("victim_pids", "{6,7}")
                .containsEntry("relation_name", "public.orders, a, \"b\\")
                .containsEntry("affected_tenants", "{\"acme\"}")
                .containsEntry("total_victim_seconds", 4.0)
                .containsEntry("is_idle_in_transaction", true)
                .containsEntry("prepared_transaction", null)
                .containsEntry("closed_at", null)
                .containsEntry("is_closed", false);
        assertThat(text(BlockingIncidentRows.TABLE, row, "chain"))
                .contains("\"application\":\"web \\\"1\\\"\"")
                .contains("\"wait_start\":\"2025-10-09T08:53:20.123458Z\"")
                .matches(".*\"pid\":6.*\"pid\":7.*");
    }

    @Test
    void aCounterEventHasNoMembersAndADeadlockLinksTheWaitsKnown() {
        VaultRow counted =
                new DeadlockEventRows(HASHED)
                        .map(LockFindings.deadlock("d", "", "DEADLOCK", List.of(), T0));
        assertThat(counted.links()).isEmpty();
        assertThat(values(DeadlockEventRows.TABLE, counted))
                .containsEntry("pid_chain", null)
                .containsEntry("chain_length", 0)
                .containsEntry("event_count", 3)
                .containsEntry("detected_at", null)
                .containsEntry("detected_before_server", false);
        VaultRow seen =
                new DeadlockEventRows(HASHED)
                        .map(
                                LockFindings.deadlock(
                                        "d",
                                        "",
                                        "OPEN",
                                        List.of(
                                                LockFindings.member(1, 2, "w1"),
                                                LockFindings.member(2, 1, "")),
                                        T0));
        assertThat(seen.links()).containsExactly(new VaultRow.Link("deadlock_lock_l", "w1"));
        assertThat(values(DeadlockEventRows.TABLE, seen))
                .containsEntry("pid_chain", "{1,2}")
                .containsEntry("relation_names", "{\"public.t1\",\"public.t2\"}")
                .containsEntry("lock_modes", "{\"ShareLock\"}")
                .containsEntry("is_closed", false);
    }

    @Test
    void theAttemptFollowsTheDecision() {
        VaultRow decided = LockResolutionRows.row(LockFindings.decision("i", "", 5, T0, 0, ""));
        VaultRow tried =
                LockResolutionRows.row(LockFindings.decision("i", "", 5, T0, T0 + 3_000, "SENT"));
        assertThat(tried.businessKey()).isEqualTo(decided.businessKey());
        assertThat(tried.loadDate()).isEqualTo(decided.loadDate() + 3);
        assertThat(tried.links()).containsExactly(new VaultRow.Link("blocking_resolution_l", "i"));
        assertThat(values(LockResolutionRows.TABLE, decided))
                .containsEntry("outcome", null)
                .containsEntry("has_outcome", false)
                .containsEntry("safety_rules", "{\"backup\":\"passed\",\"superuser\":\"passed\"}");
        assertThat(values(LockResolutionRows.TABLE, tried)).containsEntry("has_outcome", true);
    }

    @Test
    void mappersTravelToTheSinksWithoutShowingTheKey() throws Exception {
        LockWaitRows rows = InstantiationUtil.clone(new LockWaitRows(HASHED));
        var wait = LockFindings.wait("", "", 7, 5, T0, 0, T0);
        assertThat(values(LockWaitRows.TABLE, rows.map(wait)))
                .usingRecursiveComparison()
                .isEqualTo(values(LockWaitRows.TABLE, new LockWaitRows(HASHED).map(wait)));
        assertThat(HASHED.toString()).doesNotContain("k3y");
    }

    private static @Nullable String text(VaultTable table, VaultRow row, String column) {
        return (String) values(table, row).get(column);
    }

    private static Map<String, @Nullable Object> values(VaultTable table, VaultRow row) {
        assertThat(row.payload()).hasSameSizeAs(table.columns());
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = 0; i < table.columns().size(); i++) {
            values.put(table.columns().get(i).name(), row.payload().get(i));
        }
        return values;
    }
}
