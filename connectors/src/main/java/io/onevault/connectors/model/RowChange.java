package io.onevault.connectors.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row that was read, inserted, updated or deleted, or one table that was truncated.
 *
 * <p>Within a target, ({@code precedingCommitLsn}, {@code transactionId}, {@code ordinal})
 * identifies a streamed change and orders changes as they were committed; the LSN alone does
 * neither, for transactions interleave in the log. A replay yields the same three numbers.
 *
 * @param target the configured name of the watched server
 * @param schema the table's schema
 * @param table the table's name at that place in the log; a partition's changes carry the name of
 *     the partitioned table
 * @param operation {@code READ} (snapshot), {@code CREATE}, {@code UPDATE}, {@code DELETE}, {@code
 *     TRUNCATE}; an update that changes the key comes as DELETE and CREATE, of which the latter may
 *     have values marked unchanged
 * @param key the primary key's columns, or those of the index that is the table's replica identity;
 *     empty for a table without either and for TRUNCATE
 * @param before the row before an UPDATE or DELETE, with the columns that the server logs: all with
 *     {@code REPLICA IDENTITY FULL}, else the key's, and for an UPDATE that leaves the key as it
 *     was null; a row whose other columns were all null has the key's only
 * @param after the row afterwards, null for DELETE and TRUNCATE
 * @param lsn where the change stands in the log; for READ, where the snapshot was taken
 * @param precedingCommitLsn end of what was committed last before this transaction, which is its
 *     place in the order of commits; for READ, where the stream begins
 * @param transactionId the transaction, 32 bits; 0 for READ
 * @param ordinal place within the transaction, from 1; for READ within the snapshot
 * @param commitTime when the transaction was committed, or the snapshot was taken; server's clock,
 *     milliseconds since the epoch
 * @param snapshot whether the row was read and not streamed. A snapshot that is interrupted after a
 *     checkpoint begins anew, so a READ may repeat; streamed changes never do
 */
public record RowChange(
        String target,
        String schema,
        String table,
        String operation,
        List<FieldValue> key,
        @Nullable List<FieldValue> before,
        @Nullable List<FieldValue> after,
        long lsn,
        long precedingCommitLsn,
        long transactionId,
        long ordinal,
        long commitTime,
        boolean snapshot) {}
