package io.onevault.jobs.vault;

import io.onevault.connectors.vault.VaultRowMapper;
import io.onevault.connectors.vault.VaultTable;
import org.apache.flink.streaming.api.datastream.DataStream;

/** Where a topology sends its findings; a test puts a collecting one in its place. */
public interface FindingSinks {

    /** Attaches a sink for {@code table}, called once for each table. */
    <T> void write(DataStream<T> findings, VaultTable table, VaultRowMapper<T> mapper);

    /** The same for findings that people wait for: rows go out at once, in smaller batches. */
    default FindingSinks urgent() {
        return this;
    }
}
