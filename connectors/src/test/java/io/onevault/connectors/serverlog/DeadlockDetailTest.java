package io.onevault.connectors.serverlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.DeadlockProcess;
import io.onevault.connectors.model.DeadlockReport;
import org.junit.jupiter.api.Test;

class DeadlockDetailTest {

    @Test
    void tellsWhoWaitsForWhomAndWhatEachRan() {
        DeadlockReport report =
                DeadlockDetail.read(
                        """
                        Process 101 waits for ShareLock on transaction 757; blocked by process 102.
                        Process 102 waits for AccessExclusiveLock on tuple (0,2) of relation 16384 of database 5; blocked by process 103.
                        Process 103 waits for ExclusiveLock on advisory lock [5,0,42,1]; blocked by process 101.
                        Process 101: UPDATE accounts
                        SET balance = 4711
                        WHERE owner = 'Erika: 5'
                        Process 102: LOCK TABLE orders
                        Process 103: SELECT pg_advisory_lock(42)\
                        """,
                        101);
        assertThat(report.victim()).isEqualTo(101);
        assertThat(report.text()).isEmpty();
        assertThat(report.processes())
                .extracting(
                        DeadlockProcess::pid,
                        DeadlockProcess::lockMode,
                        DeadlockProcess::lockTag,
                        DeadlockProcess::blockedBy,
                        DeadlockProcess::statement)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple(
                                101,
                                "ShareLock",
                                "transaction 757",
                                102,
                                "UPDATE accounts SET balance = ? WHERE owner = ?"),
                        org.assertj.core.api.Assertions.tuple(
                                102,
                                "AccessExclusiveLock",
                                "tuple (0,2) of relation 16384 of database 5",
                                103,
                                "LOCK TABLE orders"),
                        org.assertj.core.api.Assertions.tuple(
                                103,
                                "ExclusiveLock",
                                "advisory lock [5,0,42,1]",
                                101,
                                "SELECT pg_advisory_lock(?)"));
        assertThat(report.processes().get(0).fingerprint()).hasSize(16);
    }

    @Test
    void understandsOtherLanguagesByTheShapeOfTheFigures() {
        DeadlockReport german =
                DeadlockDetail.read(
                        """
                        Prozess 7 wartet auf ShareLock-Sperre auf Transaktion 757; blockiert von Prozess 8.
                        Prozess 8 wartet auf ShareLock-Sperre auf Transaktion 756; blockiert von Prozess 7.
                        Prozess 7: UPDATE t SET a = 1
                        Prozess 8: UPDATE t SET a = 2\
                        """,
                        8);
        assertThat(german.processes())
                .extracting(DeadlockProcess::blockedBy, DeadlockProcess::statement)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple(8, "UPDATE t SET a = ?"),
                        org.assertj.core.api.Assertions.tuple(7, "UPDATE t SET a = ?"));
        assertThat(german.processes().get(0).lockTag()).contains("757");
        DeadlockReport japanese =
                DeadlockDetail.read(
                        """
                        プロセス 7 は ShareLock を トランザクション 757 で待機していましたが、プロセス 8 でブロックされました
                        プロセス 8 は ShareLock を トランザクション 756 で待機していましたが、プロセス 7 でブロックされました
                        プロセス 7: UPDATE t SET a = 1
                        プロセス 8: UPDATE t SET a = 2\
                        """,
                        7);
        assertThat(japanese.processes())
                .extracting(DeadlockProcess::pid, DeadlockProcess::blockedBy)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple(7, 8),
                        org.assertj.core.api.Assertions.tuple(8, 7));
    }

    @Test
    void keepsTheTextWithoutLiteralsWhenItDoesNotUnderstand() {
        DeadlockReport odd =
                DeadlockDetail.read(
                        "Process 1 waits for ShareLock on transaction 757; blocked by process 9.\n"
                                + "something 'secret' else",
                        1);
        assertThat(odd.processes()).isEmpty();
        assertThat(odd.text()).contains("waits for ShareLock").doesNotContain("secret");
        assertThat(DeadlockDetail.read("", 1).processes()).isEmpty();
        String endless = "Process 99999999999999 waits for XLock ".repeat(2_000);
        assertThat(DeadlockDetail.read(endless, 1).text()).isNotEmpty();
    }
}
