package io.onevault.connectors.serverlog;

import java.io.ByteArrayOutputStream;
import java.util.function.Predicate;

/**
 * Cuts the bytes of a log into records, whatever the borders of the chunks they come in. Works on
 * bytes: the quotes and line breaks that matter are ASCII and no part of another character in any
 * encoding a server can have.
 *
 * <p>A CSV record that is not whole, as a killed server leaves it, turns what is quoted and what is
 * not upside down for all that follow it. After one, lines are skipped up to the next that looks
 * like the beginning of a record. A record beyond the limit is skipped and counted. Linear; not
 * thread-safe.
 */
final class RecordFramer {

    private static final int QUOTE = '"';
    private static final int LINE_FEED = '\n';

    /** A time to the second, with which every CSV record begins. */
    private static final String CSV_HEAD = "dddd-dd-dd dd:dd:dd";

    private static final String JSON_HEAD = "{";

    private enum State {
        /** At the beginning of a line that may be any. */
        SEEKING,
        /** Within a line that is no record. */
        SKIPPING,
        /** Within a record. */
        READING,
        /** Within a record that is too long. */
        OVERSIZED
    }

    private final boolean csv;
    private final String head;
    private final int limit;
    private final Predicate<byte[]> records;
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private State state;
    private boolean quoted;
    private boolean sought;
    private long fed;
    private long consumed;
    private long oversized;

    /**
     * @param seek whether the first byte need not begin a record
     * @param limit the largest record that is kept, in bytes
     * @param records takes each record without its line feed; returns whether it was whole
     */
    RecordFramer(LogFormat format, boolean seek, int limit, Predicate<byte[]> records) {
        this.csv = format == LogFormat.CSV;
        this.head = csv ? CSV_HEAD : JSON_HEAD;
        this.limit = limit;
        this.records = records;
        this.state = seek ? State.SEEKING : State.READING;
        this.sought = seek;
    }

    /** Takes the bytes from {@code from} on, which follow those fed before. */
    void feed(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            byte b = bytes[i];
            fed++;
            switch (state) {
                case SEEKING -> seek(b);
                case SKIPPING -> {
                    if (b == LINE_FEED) {
                        begin(State.SEEKING);
                    }
                }
                case READING, OVERSIZED -> read(b);
            }
        }
    }

    private void seek(byte b) {
        char expected = head.charAt(partial.size());
        boolean fits = expected == 'd' ? b >= '0' && b <= '9' : b == expected;
        if (fits) {
            partial.write(b);
            if (partial.size() == head.length()) {
                state = State.READING;
            }
        } else if (b == LINE_FEED) {
            begin(State.SEEKING);
        } else {
            state = State.SKIPPING;
        }
    }

    private void read(byte b) {
        if (b == QUOTE && csv) {
            quoted = !quoted;
        } else if (b == LINE_FEED && !quoted) {
            finish();
            return;
        }
        if (state == State.READING) {
            partial.write(b);
            if (partial.size() > limit) {
                state = State.OVERSIZED;
                partial.reset();
            }
        }
    }

    private void finish() {
        if (state == State.OVERSIZED) {
            oversized++;
            begin(State.READING);
        } else {
            boolean whole = partial.size() == 0 || records.test(partial.toByteArray());
            begin(whole || !csv ? State.READING : State.SEEKING);
        }
    }

    private void begin(State next) {
        state = next;
        sought = next == State.SEEKING;
        quoted = false;
        partial.reset();
        consumed = fed;
    }

    /** How many of the bytes fed come before the record that is not complete yet. */
    long consumed() {
        return consumed;
    }

    /** How many bytes were fed. */
    long fed() {
        return fed;
    }

    /** Whether what follows the consumed bytes need not begin a record. */
    boolean isSeeking() {
        return sought;
    }

    /** How many records were beyond the limit since the last call. */
    long takeOversized() {
        long count = oversized;
        oversized = 0;
        return count;
    }
}
