package io.onevault.jobs.capacity.attribution;

/** The size of an array from PostgreSQL's array literal. Source: {@code array.h}. */
final class ArraySizes {

    /** Header of an array without dimensions: its own length, dimensions, offset, element type. */
    private static final int FIXED_HEADER = 16;

    private static final int DIMENSION = 8;
    private static final int LENGTH_WORD = 4;

    private final String type;
    private final String literal;
    private long data;
    private int items;
    private boolean nulls;
    private int dimensions;

    private ArraySizes(String type, String literal) {
        this.type = type;
        this.literal = literal;
    }

    /**
     * Bytes of an array without its length word. Linear in the literal's length.
     *
     * @param type the elements' type
     */
    static long payload(String type, String literal) {
        ArraySizes array = new ArraySizes(type, literal);
        array.read();
        return array.size() - LENGTH_WORD;
    }

    private long size() {
        if (items == 0) {
            return FIXED_HEADER;
        }
        long header = FIXED_HEADER + (long) DIMENSION * dimensions;
        return DatumSizes.alignToLargest(nulls ? header + (items + 7) / 8 : header) + data;
    }

    private void read() {
        // Bounds other than from one stand before the braces.
        int at = Math.max(literal.indexOf('{'), 0);
        int depth = 0;
        while (at < literal.length()) {
            char c = literal.charAt(at);
            if (c == '{') {
                depth++;
                dimensions = Math.max(dimensions, depth);
                at++;
            } else if (c == '}') {
                depth--;
                at++;
            } else if (c == ',' || c == ';') {
                at++;
            } else {
                at = c == '"' ? quoted(at + 1) : plain(at);
            }
        }
    }

    private int quoted(int from) {
        StringBuilder value = new StringBuilder();
        int at = from;
        while (at < literal.length() && literal.charAt(at) != '"') {
            if (literal.charAt(at) == '\\' && at + 1 < literal.length()) {
                at++;
            }
            value.append(literal.charAt(at++));
        }
        add(value.toString());
        return at + 1;
    }

    private int plain(int from) {
        int at = from;
        while (at < literal.length() && ",;}".indexOf(literal.charAt(at)) < 0) {
            at++;
        }
        String value = literal.substring(from, at);
        if (value.equals("NULL")) {
            items++;
            nulls = true;
        } else {
            add(value);
        }
        return at;
    }

    private void add(String value) {
        items++;
        data = DatumSizes.align(data + DatumSizes.element(type, value), DatumSizes.alignment(type));
    }
}
