package io.onevault.jobs.capacity.attribution;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a change says of one row.
 *
 * @param target the configured name of the watched server
 * @param relation {@code schema.table}
 * @param row identifies the row in the target: by primary key, else by content
 * @param byContent whether the table has no primary key, so that several rows may be one
 * @param removes whether the row is gone
 * @param snapshot whether the row was read in a snapshot
 * @param owner whose the row is; null when it is unchanged, and for a removal
 * @param tenant the owner's tenant, empty for none; null when the row says nothing of it
 * @param name the tenant's business key, null when the row says nothing of it
 * @param bytes size of the row as far as it is known
 * @param header of these, bytes before the first value
 * @param values sizes by column where they may be needed again or are incomplete, else empty
 * @param time when it was committed, milliseconds since the epoch, server's clock
 * @param order its place among the target's events
 */
public record RowEvent(
        String target,
        String relation,
        Digest row,
        boolean byContent,
        boolean removes,
        boolean snapshot,
        @Nullable Digest owner,
        @Nullable String tenant,
        @Nullable String name,
        long bytes,
        int header,
        List<DatumSize> values,
        long time,
        EventOrder order) {

    RowSize size() {
        return new RowSize(header, values);
    }
}
