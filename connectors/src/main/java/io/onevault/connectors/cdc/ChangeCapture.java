package io.onevault.connectors.cdc;

import java.io.Serializable;
import java.util.List;

/**
 * What has to stand in a database before its changes can be read.
 *
 * @param slot the replication slot
 * @param publication the publication
 * @param tables {@code schema.table} each; the publication holds these and no others
 * @param wholeRows those of them whose updates and deletes carry the whole old row ({@code REPLICA
 *     IDENTITY FULL})
 */
public record ChangeCapture(
        String slot, String publication, List<String> tables, List<String> wholeRows)
        implements Serializable {

    public ChangeCapture {
        tables = List.copyOf(tables);
        wholeRows = List.copyOf(wholeRows);
    }
}
