package io.onevault.jobs.capacity.attribution;

/**
 * The end of all rows that no event since has confirmed.
 *
 * @param target the configured name of the watched server
 * @param relation the table that was truncated; empty for all tables, when a snapshot is complete
 * @param before rows whose last event has a smaller number are gone
 * @param time since when, milliseconds since the epoch
 */
public record Reset(String target, String relation, long before, long time) {

    /** Whether it ends the row. */
    public boolean ends(RowState row) {
        return row.sequence() < before
                && row.target().equals(target)
                && (relation.isEmpty() || row.relation().equals(relation));
    }
}
