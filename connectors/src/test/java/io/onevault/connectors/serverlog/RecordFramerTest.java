package io.onevault.connectors.serverlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordFramerTest {

    private static final int LIMIT = 4_000;

    private final List<String> records = new ArrayList<>();

    @ParameterizedTest
    @EnumSource(LogFormat.class)
    void whateverTheBordersOfTheChunksTheRecordsAreTheSame(LogFormat format) {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<String> written = new ArrayList<>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                written.add(LogSamples.record(format, random));
            }
            byte[] bytes = LogSamples.file(written);
            records.clear();
            RecordFramer framer = framer(format, false);
            int from = 0;
            while (from < bytes.length) {
                int to = Math.min(bytes.length, from + 1 + random.nextInt(40));
                framer.feed(Arrays.copyOfRange(bytes, from, to), 0);
                from = to;
                assertThat(framer.fed()).isEqualTo(to);
                assertThat(framer.consumed())
                        .isEqualTo(LogSamples.file(written.subList(0, records.size())).length);
            }
            assertThat(records).as("seed %d", seed).isEqualTo(written);
        }
    }

    @ParameterizedTest
    @EnumSource(LogFormat.class)
    void begunInTheMiddleOfARecordItGoesOnWithTheNext(LogFormat format) {
        List<String> written =
                List.of(
                        LogSamples.record(format, "first, plain"),
                        LogSamples.record(format, "second"),
                        LogSamples.record(format, "third"));
        byte[] bytes = LogSamples.file(written);
        RecordFramer framer = framer(format, true);
        framer.feed(Arrays.copyOfRange(bytes, 30, bytes.length), 0);
        assertThat(records).isEqualTo(written.subList(1, 3));
        assertThat(framer.consumed()).isEqualTo(bytes.length - 30L);
    }

    @ParameterizedTest
    @EnumSource(LogFormat.class)
    void aRecordThatAKilledServerLeftHalfDoesNotSpoilThoseAfterTheNext(LogFormat format) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        String whole = LogSamples.record(format, "one \"quoted\" word\nand another line");
        file.writeBytes(whole.substring(0, whole.length() - 40).getBytes(StandardCharsets.UTF_8));
        file.write('\n');
        List<String> later = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            later.add(LogSamples.record(format, "message " + i + " with \"quotes\"\nand lines"));
        }
        file.writeBytes(LogSamples.file(later));
        framer(format, false).feed(file.toByteArray(), 0);
        assertThat(later).containsAll(records);
        assertThat(records).hasSizeGreaterThanOrEqualTo(18);
        assertThat(records.get(records.size() - 1)).isEqualTo(later.get(19));
    }

    @Test
    void aRecordBeyondTheLimitIsSkippedAndCounted() {
        List<String> written =
                List.of(
                        LogSamples.record(LogFormat.CSV, "first"),
                        LogSamples.record(LogFormat.CSV, "x\n".repeat(LIMIT)),
                        LogSamples.record(LogFormat.CSV, "last"));
        byte[] bytes = LogSamples.file(written);
        RecordFramer framer = framer(LogFormat.CSV, false);
        framer.feed(bytes, 0);
        assertThat(records).containsExactly(written.get(0), written.get(2));
        assertThat(framer.takeOversized()).isEqualTo(1);
        assertThat(framer.takeOversized()).isZero();
        assertThat(framer.consumed()).isEqualTo(bytes.length);
    }

    private RecordFramer framer(LogFormat format, boolean seek) {
        return new RecordFramer(
                format,
                seek,
                LIMIT,
                record -> {
                    boolean whole = LogLines.read(format, record) != null;
                    if (whole) {
                        records.add(new String(record, StandardCharsets.UTF_8));
                    }
                    return whole;
                });
    }
}
