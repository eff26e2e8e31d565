package io.onevault.jobs.vault;

import io.onevault.connectors.vault.VaultOptions;
import io.onevault.connectors.vault.VaultRowMapper;
import io.onevault.connectors.vault.VaultSink;
import io.onevault.connectors.vault.VaultTable;
import org.apache.flink.streaming.api.datastream.DataStream;

/** Sends findings to the vault, one writer for each satellite. */
public final class VaultFindingSinks implements FindingSinks {

    private final VaultOptions options;

    public VaultFindingSinks(VaultOptions options) {
        this.options = options;
    }

    @Override
    public <T> void write(DataStream<T> findings, VaultTable table, VaultRowMapper<T> mapper) {
        findings.sinkTo(new VaultSink<>(table, mapper, options))
                .uid("vault-" + table.satellite())
                .name("vault-" + table.satellite().replace('_', '-'))
                .setParallelism(1);
    }
}
