package io.onevault.connectors.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory is bounded whatever the size of a transaction or a value. */
class CdcMemoryIT {

    /**
     * A value of 100 MiB stands in the heap up to three times while it is read (message, bytes,
     * text), each in one piece, for which the collector needs room beyond the sum. All values
     * together, or the transaction, would not fit.
     */
    private static final int HEAP_MEBIBYTES = 512;

    private static final int LARGE = 100 << 20;

    @TempDir Path folder;

    @Test
    void readsAMillionRowsOfOneTransactionAndSeveralLargeValuesInASmallHeap() throws Exception {
        try (PostgresServer server = PostgresServer.startLatest()) {
            server.createDatabase("memory");
            server.execute(
                    "memory",
                    "CREATE TABLE item (id bigint PRIMARY KEY, note text, a int, b timestamptz)",
                    // Of the snapshot.
                    "INSERT INTO item SELECT -g, repeat('y', "
                            + LARGE
                            + "), 1, now()"
                            + " FROM generate_series(3, 5) AS g");
            CdcJob.prepare(server, "memory", "public.item");
            Process job = start(server);
            try (BufferedReader out =
                    new BufferedReader(
                            new InputStreamReader(job.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(until(out, "first")).isEqualTo("first");
                server.execute(
                        "memory",
                        "INSERT INTO item SELECT g, 'note ' || g, g, now()"
                                + " FROM generate_series(1, 1000000) AS g",
                        "INSERT INTO item VALUES (-2, repeat('z', " + LARGE + "), 1, now())",
                        "INSERT INTO item VALUES (0, '', 1, now())");
                assertThat(until(out, "rows="))
                        .isEqualTo(
                                "rows=1000005 sum=500000499986 largest=%d amidst=true checkpoints=true"
                                        .formatted(LARGE));
                assertThat(job.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(job.exitValue()).isZero();
            } finally {
                job.destroyForcibly();
            }
        }
    }

    private Process start(PostgresServer server) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + HEAP_MEBIBYTES + "m");
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(SmallHeapJob.class.getName());
        command.addAll(List.of(server.jdbcUrl("memory"), "memory", "public.item"));
        return new ProcessBuilder(command).redirectError(folder.resolve("errors").toFile()).start();
    }

    private static String until(BufferedReader out, String start) throws Exception {
        String last = "ended without a word";
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            last = line;
            if (line.startsWith(start)) {
                return line;
            }
        }
        return last;
    }
}
