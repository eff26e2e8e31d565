package io.onevault.connectors.serverlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.LogEvent;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogEventsTest {

    private final LogEvents events = new LogEvents("prod", "onevault-log", 10);

    @Test
    void aWaitThatGoesOnNamesItsHoldersAndOneThatEndedDoesNot() {
        LogEvent wait =
                message(
                        "process 7 still waiting for AccessShareLock on relation 16384 of database"
                                + " 5 after 1000.057 ms",
                        "detail",
                        "Process holding the lock: 9. Wait queue: 7, 11.");
        assertThat(wait.kind()).isEqualTo("LOCK_WAIT");
        assertThat(wait.attributes())
                .containsEntry("waiter", "7")
                .containsEntry("mode", "AccessShareLock")
                .containsEntry("lock", "relation 16384 of database 5")
                .containsEntry("waited_ms", "1000.057")
                .containsEntry("holders", "9")
                .containsEntry("queue", "7,11");
        LogEvent acquired =
                message("process 7 acquired ShareLock on transaction 757 after 2000.001 ms");
        assertThat(acquired.kind()).isEqualTo("LOCK_ACQUIRED");
        assertThat(acquired.attributes()).containsEntry("lock", "transaction 757");
        LogEvent german =
                message(
                        "Prozess 7 wartet immer noch auf ShareLock-Sperre auf Transaktion 757 nach"
                                + " 1000,057 ms".replace(',', '.'),
                        "detail",
                        "Prozess, der die Sperre hält: 9. Warteschlange: 7.");
        assertThat(german.kind()).isEqualTo("LOCK_WAIT");
        assertThat(german.attributes()).containsEntry("holders", "9").containsEntry("queue", "7");
    }

    @Test
    void aSlowStatementLosesItsLiteralsAndParameters() {
        LogEvent slow =
                message(
                        "duration: 1234.567 ms  execute <unnamed>: SELECT * FROM t WHERE name ="
                                + " 'secret' AND id = $1",
                        "detail",
                        "parameters: $1 = 'geheim'");
        assertThat(slow.kind()).isEqualTo("SLOW_STATEMENT");
        assertThat(slow.attributes())
                .containsEntry("duration_ms", "1234.567")
                .containsEntry("phase", "execute");
        assertThat(slow.statement()).isEqualTo("SELECT * FROM t WHERE name = ? AND id = $1");
        assertThat(slow.message()).isEqualTo("duration: 1234.567 ms");
        assertThat(slow.toString()).doesNotContain("secret").doesNotContain("geheim");
        assertThat(message("duration: 9.999 ms  statement: SELECT 1")).isNull();
        assertThat(message("duration: 99.999 ms")).isNull();
        assertThat(
                        message(
                                "duration: 99.999 ms  statement: SELECT 1",
                                "application_name",
                                "onevault-log"))
                .isNull();
    }

    @Test
    void temporaryFilesTellTheirSize() {
        LogEvent file =
                message(
                        "temporary file: path \"base/pgsql_tmp/pgsql_tmp7.0\", size 14000000",
                        "statement",
                        "SELECT 'secret' ORDER BY 1");
        assertThat(file.kind()).isEqualTo("TEMP_FILE");
        assertThat(file.attributes())
                .containsEntry("bytes", "14000000")
                .containsEntry("file", "base/pgsql_tmp/pgsql_tmp7.0");
        assertThat(file.statement()).isEqualTo("SELECT ? ORDER BY ?");
    }

    @ParameterizedTest
    @CsvSource({
        "40P01, ERROR, DEADLOCK",
        "28P01, FATAL, FAILED_LOGIN",
        "28000, FATAL, FAILED_LOGIN",
        "55P03, ERROR, LOCK_TIMEOUT",
        "57014, ERROR, CANCELLED",
        "57P01, FATAL, TERMINATED",
        "25P03, FATAL, TERMINATED",
        "42501, FEHLER, PERMISSION_DENIED",
        "53200, ERROR, OUT_OF_RESOURCES",
        "XX001, ERROR, CORRUPTION",
        "XX000, PANIC, CRASH",
        "42601, ERROR, ",
        "57P02, WARNING, "
    })
    void sqlstateTellsTheKindInAnyLanguage(String sqlstate, String severity, String kind) {
        LogEvent event =
                line(
                        "meldung mit 'geheim'",
                        "state_code",
                        sqlstate,
                        "error_severity",
                        severity,
                        "statement",
                        "SELECT 'geheim'");
        if (kind == null) {
            assertThat(event).isNull();
        } else {
            assertThat(event.kind()).isEqualTo(kind);
            assertThat(event.statement()).isEqualTo("SELECT ?");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postmaster | starting PostgreSQL 18.1 on x86_64-linux, compiled | SERVER_START",
                "postmaster | received fast shutdown request | SERVER_STOP",
                "postmaster | server process (PID 42) was terminated by signal 9: Killed | CRASH",
                "postmaster | background worker \"x\" (PID 42) exited with exit code 1 | ",
                "startup | database system was not properly shut down; automatic recovery in"
                        + " progress | RECOVERY",
                "client backend | received fast shutdown request | "
            })
    void theServersOwnLife(String backend, String message, String kind) {
        LogEvent event =
                message(
                        message,
                        "backend_type",
                        backend,
                        "detail",
                        "Failed process was running: SELECT 'secret'");
        assertThat(event == null ? null : event.kind()).isEqualTo(kind);
        if (kind != null) {
            assertThat(event.toString()).doesNotContain("secret");
        }
        if ("CRASH".equals(kind)) {
            assertThat(event.attributes())
                    .containsEntry("process", "42")
                    .containsEntry("signal", "9");
            assertThat(event.statement()).isEqualTo("SELECT ?");
        }
    }

    @Test
    void whatAUsersCodeRaisesIsTakenForNothing() {
        String context = "PL/pgSQL function inline_code_block line 1 at RAISE";
        assertThat(
                        message(
                                "process 7 acquired ShareLock on transaction 757 after 2000.001 ms",
                                "context",
                                context))
                .isNull();
        assertThat(line("deadlock", "state_code", "40P01", "context", context)).isNull();
        assertThat(
                        line(
                                "deadlock",
                                "state_code",
                                "40P01",
                                "context",
                                "while updating tuple (0,5) in relation \"t\"\nPL/pgSQL function"
                                        + " f() line 3 at RAISE"))
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "statement: SELECT 'process 7 acquired ShareLock on x after 1.000 ms'",
                "execute S_7: SELECT 'ShareLock', 1.234",
                "process 8 acquired ShareLock on transaction 757 after 2000.001 ms",
                "process 7 avoided deadlock for ShareLock on transaction 757 by rearranging queue"
                        + " order after 1000.001 ms",
                "checkpoint starting: time"
            })
    void statementsThatAreLoggedForgeNothing(String message) {
        assertThat(message(message)).isNull();
    }

    @Test
    void hostileNamesStayOnOneLineOfBoundedLength() {
        LogEvent login =
                line(
                        "password authentication failed for user \"x\ny\"",
                        "state_code",
                        "28P01",
                        "user",
                        "x\ny\u0007" + "z".repeat(1 << 20),
                        "application_name",
                        "a\r\nInjected: header");
        assertThat(login.user()).startsWith("x y z").hasSizeLessThan(1_100);
        assertThat(login.application()).isEqualTo("a Injected: header");
        assertThat(login.message()).doesNotContain("\n");
    }

    @Test
    void aDeadlockTellsTheRowItWasAt() {
        LogEvent deadlock =
                line(
                        "deadlock detected",
                        "state_code",
                        "40P01",
                        "context",
                        "while updating tuple (0,5) in relation \"accounts\"");
        assertThat(deadlock.attributes())
                .containsEntry("tuple", "(0,5)")
                .containsEntry("relation", "accounts");
        assertThat(deadlock.deadlock()).isNotNull();
    }

    private LogEvent message(String message, String... more) {
        return line(message, more);
    }

    private LogEvent line(String message, String... more) {
        Map<String, String> fields = new HashMap<>();
        fields.put("timestamp", LogSamples.TIME);
        fields.put("state_code", "00000");
        fields.put("error_severity", "LOG");
        fields.put("pid", "7");
        fields.put("backend_type", "client backend");
        fields.put("message", message);
        for (int i = 0; i < more.length; i += 2) {
            fields.put(more[i], more[i + 1]);
        }
        return events.of(new LogLine(fields), 1, 2);
    }
}
