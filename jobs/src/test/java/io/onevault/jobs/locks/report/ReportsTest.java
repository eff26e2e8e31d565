package io.onevault.jobs.locks.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.PreparedRow;
import io.onevault.connectors.model.SessionRow;
import io.onevault.jobs.locks.graph.LockAnalysis;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportsTest {

    private static final long NOW = 1_800_000_000_000_000L;

    private final List<LockRow> locks = new ArrayList<>();
    private final List<SessionRow> sessions = new ArrayList<>();
    private final List<PreparedRow> prepared = new ArrayList<>();

    @Test
    void coloursAreForTerminalsOnly() {
        hold(1, 1);
        await(2, 1);
        assertThat(text(false)).doesNotContain("\u001B");
        assertThat(text(true)).contains("\u001B[1;31m1\u001B[0m").contains("\u001B[0m");
        assertThat(text(true).replaceAll("\u001B\\[[0-9;]*m", "")).isEqualTo(text(false));
    }

    @Test
    void namesCannotTurnOrHideWhatStandsBesideThem() {
        hold(1, 1);
        await(2, 1);
        session(2, "evil\u202E\u2028\u0007name");
        assertThat(text(false)).contains("evil   name");
    }

    @Test
    void terminalsWithoutBoxDrawingGetAscii() {
        for (int pid = 2; pid < 6; pid++) {
            hold(pid - 1, pid - 1);
            await(pid, pid - 1);
        }
        await(1, 4);
        session(3, "app");
        String ascii = BlockingText.ascii(text(false));
        assertThat(ascii).contains("`- ", "1 -> ").matches("\\p{ASCII}*");
    }

    @Test
    void preparedTransactionsAreNamed() {
        lock("relation", 7, 0, 0, "3/9", true);
        lock("transactionid", 0, 77, 0, "3/9", true);
        await(2, 7);
        prepared.add(new PreparedRow(77, "invoice", NOW - 61_000_000, "billing", "db"));
        assertThat(text(false)).contains("prepared  blocks 1  invoice · billing · since 1 min 1 s");
        assertThat(json()).contains("\"root\":0,\"root_state\":\"prepared\"");
    }

    @Test
    void stormsAndDeepChainsStayReadable() throws Exception {
        int length = 5_000;
        for (int pid = 1; pid < length; pid++) {
            hold(pid, pid);
            await(pid + 1, pid);
        }
        assertThat(text(false)).contains("… and more behind it").hasLineCount(2 + 1 + 21 + 2);
        for (int pid = 10_000; pid < 12_000; pid++) {
            await(pid, 1);
        }
        assertThat(text(false).lines().count()).isLessThan(400);
        assertThat(text(false)).contains("--json shows all");

        JsonFactory reader =
                JsonFactory.builder()
                        .streamReadConstraints(
                                StreamReadConstraints.builder()
                                        .maxNestingDepth(Integer.MAX_VALUE)
                                        .build())
                        .build();
        int pids = 0;
        try (JsonParser parser = reader.createParser(json())) {
            while (parser.nextToken() != null) {
                pids += "pid".equals(parser.currentName()) ? 1 : 0;
            }
        }
        // Every field is met as a name and as a value.
        assertThat(pids).isEqualTo(2 * (length + 2_000));
    }

    @Test
    void edgesAreBoundedAndThatIsSaid() {
        hold(1, 1);
        for (int pid = 2; pid < 600; pid++) {
            await(pid, 1);
        }
        LockSnapshot snapshot = snapshot();
        assertThat(BlockingJson.write(snapshot, LockAnalysis.of(snapshot), new StringWriter()))
                .isFalse();
    }

    private void hold(int pid, int table) {
        lock("relation", table, 0, pid, pid + "/1", true);
    }

    private void await(int pid, int table) {
        lock("relation", table, 0, pid, pid + "/1", false);
    }

    private void lock(
            String type, long relation, long xid, int pid, String transaction, boolean granted) {
        locks.add(
                new LockRow(
                        type,
                        5,
                        relation,
                        "",
                        0,
                        0,
                        "",
                        xid,
                        0,
                        0,
                        0,
                        transaction,
                        pid,
                        "ExclusiveLock",
                        granted,
                        false,
                        granted ? 0 : NOW - 1_000_000 + pid));
    }

    private void session(int pid, String application) {
        sessions.add(
                new SessionRow(
                        pid,
                        1,
                        "client backend",
                        0,
                        "db",
                        "u",
                        false,
                        application,
                        "local",
                        "active",
                        0,
                        0,
                        0,
                        "",
                        "",
                        0,
                        "SELECT ?",
                        "0123456789abcdef",
                        0,
                        true));
    }

    private LockSnapshot snapshot() {
        return new LockSnapshot("h:1/db", NOW, "18.6", locks, sessions, prepared, List.of());
    }

    private String text(boolean colour) {
        LockSnapshot snapshot = snapshot();
        return BlockingText.of(snapshot, LockAnalysis.of(snapshot), colour, 120);
    }

    private String json() {
        StringWriter out = new StringWriter();
        LockSnapshot snapshot = snapshot();
        BlockingJson.write(snapshot, LockAnalysis.of(snapshot), out);
        return out.toString();
    }
}
