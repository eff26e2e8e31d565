package io.onevault.jobs.capacity.attribution;

import static java.util.Map.entry;

import io.onevault.connectors.model.FieldValue;
import java.util.Map;

/**
 * How many bytes PostgreSQL takes to store a value, from its type and its text.
 *
 * <p>Exact for numbers, booleans, dates and times, texts in a database of encoding UTF-8, {@code
 * bytea}, {@code uuid}, {@code inet}, bit strings, geometric types of fixed size, {@code jsonb} and
 * arrays of these. Of any other type, thus of enumerations, ranges, domains and extensions' types,
 * the stream tells only the name: their values count as their text.
 *
 * <p>A value counts as it is before compression and as if in the row, for neither is seen from the
 * stream. Source: PostgreSQL's {@code heaptuple.c}, {@code varatt.h}, {@code numeric.c} and the
 * manual's page on the layout of a page.
 */
final class DatumSizes {

    /** Longest payload that takes one byte of header instead of four, and then no alignment. */
    private static final int SHORT_PAYLOAD = 126;

    private static final int SHORT_HEADER = 1;
    private static final int HEADER = 4;
    private static final int INT_ALIGNMENT = 4;
    private static final int DOUBLE_ALIGNMENT = 8;

    private static final int NUMERIC_SHORT_SCALE = 63;
    private static final int NUMERIC_SHORT_WEIGHT = 63;
    private static final int DIGITS_IN_GROUP = 4;

    private static final Map<String, Fixed> FIXED =
            Map.ofEntries(
                    entry("bool", new Fixed(1, 1)),
                    entry("char", new Fixed(1, 1)),
                    entry("int2", new Fixed(2, 2)),
                    entry("int4", new Fixed(4, 4)),
                    entry("int8", new Fixed(8, 8)),
                    entry("float4", new Fixed(4, 4)),
                    entry("float8", new Fixed(8, 8)),
                    entry("money", new Fixed(8, 8)),
                    entry("oid", new Fixed(4, 4)),
                    entry("xid", new Fixed(4, 4)),
                    entry("xid8", new Fixed(8, 8)),
                    entry("cid", new Fixed(4, 4)),
                    entry("tid", new Fixed(6, 2)),
                    entry("pg_lsn", new Fixed(8, 8)),
                    entry("name", new Fixed(64, 1)),
                    entry("date", new Fixed(4, 4)),
                    entry("time", new Fixed(8, 8)),
                    entry("timetz", new Fixed(12, 8)),
                    entry("timestamp", new Fixed(8, 8)),
                    entry("timestamptz", new Fixed(8, 8)),
                    entry("interval", new Fixed(16, 8)),
                    entry("uuid", new Fixed(16, 1)),
                    entry("macaddr", new Fixed(6, 4)),
                    entry("macaddr8", new Fixed(8, 4)),
                    entry("point", new Fixed(16, 8)),
                    entry("lseg", new Fixed(32, 8)),
                    entry("box", new Fixed(32, 8)),
                    entry("line", new Fixed(24, 8)),
                    entry("circle", new Fixed(24, 8)));

    private DatumSizes() {}

    /** Length and alignment that every value of a type has. */
    private record Fixed(int length, int alignment) {}

    /** The room of a value that is not null, in a row. */
    static DatumSize of(FieldValue value) {
        String text = value.text();
        if (text == null) {
            return new DatumSize(value.name(), DatumSize.UNKNOWN, INT_ALIGNMENT);
        }
        Fixed fixed = FIXED.get(value.type());
        if (fixed != null) {
            return new DatumSize(value.name(), fixed.length, fixed.alignment);
        }
        long payload = payload(value.type(), text);
        if (payload <= SHORT_PAYLOAD) {
            return new DatumSize(value.name(), (int) payload + SHORT_HEADER, 1);
        }
        return new DatumSize(
                value.name(),
                (int) Math.min(payload + HEADER, Integer.MAX_VALUE),
                alignment(value.type()));
    }

    /** The length of an array's element, without what aligns it. */
    static long element(String type, String text) {
        Fixed fixed = FIXED.get(type);
        return fixed == null ? payload(type, text) + HEADER : fixed.length;
    }

    /** The alignment of a type's values where none of them is short. */
    static int alignment(String type) {
        Fixed fixed = FIXED.get(isArray(type) ? type.substring(1) : type);
        if (fixed == null) {
            return INT_ALIGNMENT;
        }
        return isArray(type) ? Math.max(INT_ALIGNMENT, fixed.alignment) : fixed.alignment;
    }

    static long align(long offset, int alignment) {
        return (offset + alignment - 1) / alignment * alignment;
    }

    static long alignToLargest(long offset) {
        return align(offset, DOUBLE_ALIGNMENT);
    }

    private static boolean isArray(String type) {
        return type.length() > 1 && type.charAt(0) == '_';
    }

    /** Bytes of a value of variable length without its header. */
    private static long payload(String type, String text) {
        if (isArray(type)) {
            return ArraySizes.payload(type.substring(1), text);
        }
        return switch (type) {
            case "bytea" -> text.startsWith("\\x") ? (text.length() - 2) / 2 : utf8(text);
            case "numeric" -> numeric(text);
            case "inet", "cidr" -> text.indexOf(':') < 0 ? 6 : 18;
            case "bit", "varbit" -> 4 + (text.length() + 7) / 8;
            case "jsonb" -> JsonbSizes.payload(text);
            default -> utf8(text);
        };
    }

    /** Bytes of a text in UTF-8. */
    static long utf8(String text) {
        long bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                // Of a surrogate pair each half stands for two of its four bytes.
                bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
            }
        }
        return bytes;
    }

    /**
     * Bytes of a {@code numeric} without its header: groups of four decimal digits, none of zeros
     * at either end, two bytes each, after two bytes for sign, scale and weight, or four when these
     * are large.
     */
    static long numeric(String text) {
        int start = text.startsWith("-") ? 1 : 0;
        if (start == text.length() || !isDigitOrPoint(text.charAt(start))) {
            return 2;
        }
        int point = text.indexOf('.');
        int whole = point < 0 ? text.length() : point;
        int scale = point < 0 ? 0 : text.length() - point - 1;
        int highest = Integer.MIN_VALUE;
        int lowest = 0;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '.' && c != '0') {
                int exponent = i < whole ? whole - 1 - i : whole - i;
                int group = Math.floorDiv(exponent, DIGITS_IN_GROUP);
                highest = Math.max(highest, group);
                lowest = group;
            }
        }
        boolean zero = highest == Integer.MIN_VALUE;
        int weight = zero ? 0 : highest;
        int groups = zero ? 0 : highest - lowest + 1;
        boolean small =
                scale <= NUMERIC_SHORT_SCALE
                        && weight <= NUMERIC_SHORT_WEIGHT
                        && weight >= -NUMERIC_SHORT_WEIGHT - 1;
        return (small ? 2 : 4) + 2L * groups;
    }

    private static boolean isDigitOrPoint(char c) {
        return c == '.' || (c >= '0' && c <= '9');
    }
}
