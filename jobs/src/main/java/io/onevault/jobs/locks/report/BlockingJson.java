package io.onevault.jobs.locks.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.SessionRow;
import io.onevault.jobs.locks.graph.BlockingChain;
import io.onevault.jobs.locks.graph.BlockingTree;
import io.onevault.jobs.locks.graph.DeadlockCycle;
import io.onevault.jobs.locks.graph.LockAnalysis;
import io.onevault.jobs.locks.graph.WaitForGraph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An analysis as one line of JSON, whose keys scripts rely on. A process id of 0 is a prepared
 * transaction, as with {@code pg_blocking_pids()}; times are ISO 8601, durations seconds.
 */
public final class BlockingJson {

    /** A queue of n has n²/2 edges, so they are not all written whatever their number. */
    public static final int MOST_EDGES = 100_000;

    private static final double MICROS = 1e6;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    // A chain may be deeper than what is usual in JSON.
                    .streamWriteConstraints(
                            StreamWriteConstraints.builder()
                                    .maxNestingDepth(Integer.MAX_VALUE)
                                    .build())
                    // Whatever the terminal's character set.
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .build()
                    .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

    private BlockingJson() {}

    /**
     * Writes a line.
     *
     * @return whether it holds all edges
     */
    public static boolean write(LockSnapshot snapshot, LockAnalysis analysis, Writer out) {
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField(
                    "captured_at",
                    Instant.EPOCH.plus(snapshot.capturedAtMicros(), ChronoUnit.MICROS).toString());
            json.writeStringField("server_version", snapshot.serverVersion());
            json.writeNumberField("waiters", analysis.graph().waiters());
            boolean all = edges(analysis.graph(), json);
            json.writeArrayFieldStart("chains");
            LockWords words = new LockWords(snapshot);
            for (BlockingChain chain : analysis.chains()) {
                chain(chain, analysis.graph(), words, json);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("cycles");
            for (DeadlockCycle cycle : analysis.cycles()) {
                pids(cycle.pids(), json);
            }
            json.writeEndArray();
            json.writeEndObject();
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean edges(WaitForGraph graph, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("edges");
        int[] written = new int[1];
        boolean[] cut = new boolean[1];
        graph.edges(
                (waiter, blocker, hard) -> {
                    if (written[0]++ == MOST_EDGES) {
                        cut[0] = true;
                        return false;
                    }
                    try {
                        json.writeStartObject();
                        json.writeNumberField("waiter", graph.pid(waiter));
                        json.writeNumberField("blocker", graph.pid(blocker));
                        json.writeStringField("kind", hard ? "hard" : "soft");
                        json.writeEndObject();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return true;
                });
        json.writeEndArray();
        return !cut[0];
    }

    private static void chain(
            BlockingChain chain, WaitForGraph graph, LockWords words, JsonGenerator json)
            throws IOException {
        json.writeStartObject();
        json.writeNumberField("root", chain.rootPid());
        json.writeStringField(
                "root_state", chain.rootState().isEmpty() ? "unknown" : chain.rootState());
        json.writeNumberField("depth", chain.depth());
        json.writeFieldName("victims");
        pids(chain.victims(), json);
        json.writeNumberField("longest_wait_seconds", chain.longestWaitMicros() / MICROS);
        json.writeFieldName("tree");
        tree(chain.tree(), graph, words, json);
        json.writeEndObject();
    }

    /** Without recursion, for a chain may be as deep as there are sessions. */
    private static void tree(
            BlockingTree root, WaitForGraph graph, LockWords words, JsonGenerator json)
            throws IOException {
        Deque<Iterator<BlockingTree>> open = new ArrayDeque<>();
        begin(root, graph, words, json);
        open.push(root.children().iterator());
        while (!open.isEmpty()) {
            if (open.element().hasNext()) {
                BlockingTree child = open.element().next();
                begin(child, graph, words, json);
                open.push(child.children().iterator());
            } else {
                json.writeEndArray();
                json.writeEndObject();
                open.pop();
            }
        }
    }

    private static void begin(
            BlockingTree tree, WaitForGraph graph, LockWords words, JsonGenerator json)
            throws IOException {
        SessionRow session = graph.session(tree.node());
        @Nullable LockRow awaits = tree.awaits();
        json.writeStartObject();
        json.writeNumberField("pid", tree.pid());
        json.writeStringField("waits_for_lock", awaits == null ? null : words.lock(awaits));
        json.writeStringField("query_fingerprint", orNull(session, SessionRow::queryFingerprint));
        json.writeStringField("user", orNull(session, SessionRow::user));
        json.writeStringField("application", orNull(session, SessionRow::application));
        json.writeArrayFieldStart("children");
    }

    private interface Text {
        String of(SessionRow session);
    }

    private static @Nullable String orNull(@Nullable SessionRow session, Text text) {
        return session == null || text.of(session).isEmpty() ? null : text.of(session);
    }

    private static void pids(List<Integer> pids, JsonGenerator json) throws IOException {
        json.writeStartArray();
        for (int pid : pids) {
            json.writeNumber(pid);
        }
        json.writeEndArray();
    }
}
