package io.onevault.jobs.locks.impact;

/**
 * The two parts of a relation's name as SQL writes it, without their quotes.
 *
 * @param schema empty when the name has none
 * @param table as the catalogue has it
 */
record RelationName(String schema, String table) {

    static RelationName of(String written) {
        StringBuilder part = new StringBuilder();
        String schema = "";
        boolean quoted = false;
        for (int i = 0; i < written.length(); i++) {
            char c = written.charAt(i);
            if (c == '"' && quoted && i + 1 < written.length() && written.charAt(i + 1) == '"') {
                part.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == '.' && !quoted && schema.isEmpty()) {
                schema = part.toString();
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        return new RelationName(schema, part.toString());
    }

    /** Whether this is the table that {@code listed} names, with or without a schema. */
    boolean is(RelationName listed) {
        return table.equals(listed.table)
                && (listed.schema.isEmpty() || schema.equals(listed.schema));
    }
}
