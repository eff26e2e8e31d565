package io.onevault.jobs.capacity.attribution;

import java.util.List;

/**
 * What is remembered of one row.
 *
 * @param target the configured name of the watched server
 * @param relation {@code schema.table}
 * @param owner whose it is
 * @param bytes its size
 * @param count how many rows have this identity; more than one only without a primary key
 * @param sequence number of its last event
 * @param values sizes by column of a row wide enough to have values out of line, else empty
 */
public record RowState(
        String target,
        String relation,
        Digest owner,
        long bytes,
        long count,
        long sequence,
        List<DatumSize> values) {}
