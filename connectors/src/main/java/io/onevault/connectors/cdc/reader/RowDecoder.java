package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.model.FieldValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the rows of {@code pgoutput} messages. Pure.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html">
 *     message formats</a>
 */
final class RowDecoder {

    /** A dead letter is stored; what a row holds beyond this is cut off, and said so. */
    private static final int CONTENT_LIMIT = 1 << 20;

    private RowDecoder() {}

    /**
     * What was done to a row.
     *
     * @param operation as in {@link io.onevault.connectors.model.RowChange}
     * @param whole whether {@code before} is the whole row, not only what identifies it
     */
    record Row(
            String operation,
            @Nullable List<FieldValue> before,
            @Nullable List<FieldValue> after,
            boolean whole) {}

    /** A message that cannot be decoded. */
    static final class UndecodableException extends Exception {
        private static final long serialVersionUID = 1L;

        private final String content;

        UndecodableException(String message, String content) {
            super(message);
            this.content = content;
        }

        /** What was received. */
        String content() {
            return content;
        }
    }

    /** Decodes an {@code I}, {@code U}, {@code D} or {@code T} message. */
    static Row decode(Relation relation, ByteBuffer message) throws UndecodableException {
        ByteBuffer in = message.duplicate();
        try {
            char kind = (char) in.get();
            in.getInt();
            if (kind == 'T') {
                return new Row("TRUNCATE", null, null, false);
            }
            List<FieldValue> before = null;
            boolean whole = false;
            char tuple = (char) in.get();
            if (tuple == 'K' || tuple == 'O') {
                whole = tuple == 'O';
                before = tuple(relation, in);
                tuple = kind == 'U' ? (char) in.get() : tuple;
            }
            return switch (kind) {
                case 'I' -> new Row("CREATE", null, tuple(relation, in), false);
                case 'U' -> new Row("UPDATE", before, tuple(relation, in), whole);
                case 'D' -> new Row("DELETE", before, null, whole);
                default -> throw new IllegalArgumentException("unknown operation " + kind);
            };
        } catch (RuntimeException e) {
            throw new UndecodableException(reason(e), content(relation, message.duplicate()));
        }
    }

    private static String reason(RuntimeException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    private static List<FieldValue> tuple(Relation relation, ByteBuffer in) {
        int count = in.getShort();
        List<Relation.Column> columns = relation.columns();
        if (count != columns.size()) {
            throw new IllegalArgumentException(
                    "a row of %d columns, of which the server described %d"
                            .formatted(count, columns.size()));
        }
        List<FieldValue> row = new ArrayList<>(count);
        for (Relation.Column column : columns) {
            char kind = (char) in.get();
            row.add(
                    switch (kind) {
                        case 'n' -> new FieldValue(column.name(), column.type(), null, false);
                        case 'u' -> new FieldValue(column.name(), column.type(), null, true);
                        case 't' ->
                                new FieldValue(
                                        column.name(), column.type(), text(column, in), false);
                        default ->
                                throw new IllegalArgumentException(
                                        "column %s: unknown form %s"
                                                .formatted(column.name(), kind));
                    });
        }
        return row;
    }

    private static String text(Relation.Column column, ByteBuffer in) {
        int length = in.getInt();
        int begin = in.arrayOffset() + in.position();
        in.position(in.position() + length);
        return text(column.name(), column.type(), in.array(), begin, length);
    }

    /**
     * The text of a value from the server's bytes.
     *
     * @throws IllegalArgumentException when they are no UTF-8, or no value of the type; nothing is
     *     replaced silently
     */
    static String text(String column, String type, byte[] bytes, int begin, int length) {
        String text = new String(bytes, begin, length, StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') >= 0 && !isExactly(text, bytes, begin, length)) {
            throw new IllegalArgumentException("column %s: not valid UTF-8".formatted(column));
        }
        try {
            return ServerText.of(type, text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "column %s: %s".formatted(column, e.getMessage()), e);
        }
    }

    /** Whether a replacement character was there before, and is no sign of a defect. */
    private static boolean isExactly(String text, byte[] bytes, int begin, int length) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))
                .equals(ByteBuffer.wrap(bytes, begin, length));
    }

    /** Every column as far as it can be told; what is no text as hexadecimal digits. */
    private static String content(Relation relation, ByteBuffer in) {
        StringBuilder out = new StringBuilder();
        byte[] received = new byte[Math.min(in.remaining(), CONTENT_LIMIT / 2)];
        in.duplicate().get(received);
        try {
            in.get();
            in.getInt();
            while (in.hasRemaining() && out.length() < CONTENT_LIMIT) {
                out.append((char) in.get()).append('(');
                int count = in.getShort();
                for (int i = 0; i < count; i++) {
                    out.append(i == 0 ? "" : ", ").append(relation.columns().get(i).name());
                    char kind = (char) in.get();
                    if (kind == 't') {
                        byte[] bytes = new byte[in.getInt()];
                        in.get(bytes);
                        out.append('=').append(readable(bytes));
                    } else {
                        out.append(kind == 'n' ? " is null" : " is unchanged");
                    }
                }
                out.append(')');
            }
        } catch (RuntimeException e) {
            out.setLength(0);
            out.append("\\x").append(HexFormat.of().formatHex(received));
        }
        return limited(out.toString());
    }

    /** A row as a dead letter tells it. */
    static String content(List<FieldValue> row) {
        StringJoiner out = new StringJoiner(", ", "N(", ")");
        for (FieldValue field : row) {
            out.add(field.name() + (field.text() == null ? " is null" : "=" + field.text()));
        }
        return limited(out.toString());
    }

    /** Text where it is text, else hexadecimal digits. */
    static String readable(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return limited(
                isExactly(text, bytes, 0, bytes.length)
                        ? text
                        : "\\x"
                                + HexFormat.of()
                                        .formatHex(
                                                bytes, 0, Math.min(bytes.length, CONTENT_LIMIT)));
    }

    private static String limited(String content) {
        return content.length() <= CONTENT_LIMIT
                ? content
                : content.substring(0, CONTENT_LIMIT)
                        + "… cut off after %d characters".formatted(CONTENT_LIMIT);
    }
}
