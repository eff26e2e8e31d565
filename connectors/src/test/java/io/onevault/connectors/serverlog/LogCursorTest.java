package io.onevault.connectors.serverlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.serverlog.LogCursor.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LogCursorTest {

    private static final int LIMIT = 1 << 20;

    @ParameterizedTest
    @EnumSource(LogFormat.class)
    void readerThatFailsAnywhereLosesNothingAndDoublesNothing(LogFormat format) {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<String> written = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                written.add(LogSamples.record(format, random));
            }
            byte[] file = LogSamples.file(written);
            List<String> read = new ArrayList<>();
            LogSplit saved = first(format);
            LogCursor cursor = new LogCursor(saved, LIMIT);
            boolean more = true;
            int size = 0;
            while (more) {
                if (random.nextInt(4) == 0) {
                    cursor = new LogCursor(saved, LIMIT);
                }
                // The file grows while it is read.
                size = Math.min(file.length, size + random.nextInt(200));
                List<LogLine> lines = new ArrayList<>();
                Outcome outcome = cursor.take(bytes(cursor, Arrays.copyOf(file, size), 100), lines);
                assertThat(outcome).isNotEqualTo(Outcome.REPLACED);
                lines.forEach(line -> read.add(line.text("message")));
                saved = cursor.split();
                more = size < file.length || outcome == Outcome.MORE;
            }
            assertThat(read)
                    .as("seed %d", seed)
                    .isEqualTo(
                            written.stream()
                                    .map(
                                            record ->
                                                    LogLines.read(
                                                                    format,
                                                                    record.getBytes(
                                                                            java.nio.charset
                                                                                    .StandardCharsets
                                                                                    .UTF_8))
                                                            .text("message"))
                                    .toList());
            assertThat(saved.offset()).isEqualTo(file.length);
        }
    }

    @Test
    void aFileThatWasCutOrOverwrittenIsKnown() {
        List<String> written = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            written.add(LogSamples.record(LogFormat.JSON, "message " + i));
        }
        byte[] file = LogSamples.file(written);
        LogCursor cursor = new LogCursor(first(LogFormat.JSON), LIMIT);
        assertThat(cursor.take(bytes(cursor, file, 5_000), new ArrayList<>()))
                .isEqualTo(Outcome.MORE);
        assertThat(cursor.take(bytes(cursor, file, 5_000), new ArrayList<>()))
                .isEqualTo(Outcome.END);
        LogSplit saved = cursor.split();
        assertThat(take(saved, file)).isEqualTo(Outcome.END);
        assertThat(take(saved, Arrays.copyOf(file, 200))).isEqualTo(Outcome.REPLACED);
        assertThat(take(saved, new byte[0])).isEqualTo(Outcome.REPLACED);
        byte[] other = file.clone();
        other[file.length - 10] ^= 1;
        assertThat(take(saved, other)).isEqualTo(Outcome.REPLACED);
        assertThat(take(saved, null)).isEqualTo(Outcome.REPLACED);
    }

    private static Outcome take(LogSplit split, byte[] file) {
        LogCursor cursor = new LogCursor(split, LIMIT);
        return cursor.take(file == null ? null : bytes(cursor, file, 5_000), new ArrayList<>());
    }

    /** As the server answers: nothing beyond the file's end. */
    private static byte[] bytes(LogCursor cursor, byte[] file, int chunk) {
        int from = (int) Math.min(file.length, cursor.readFrom());
        int to = Math.min(file.length, from + cursor.readLength(chunk));
        return Arrays.copyOfRange(file, from, to);
    }

    private static LogSplit first(LogFormat format) {
        return LogSplit.first("t").inFile("postgresql" + format.suffix(), 0, false);
    }
}
