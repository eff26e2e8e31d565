package io.onevault.jobs.vault;

import io.onevault.connectors.vault.VaultOptions;
import io.onevault.connectors.vault.VaultRowMapper;
import io.onevault.connectors.vault.VaultSink;
import io.onevault.connectors.vault.VaultTable;
import java.time.Duration;
import org.apache.flink.streaming.api.datastream.DataStream;

/** Sends findings to the vault, one writer for each satellite. */
public final class VaultFindingSinks implements FindingSinks {

    /**
     * Longer than the rows of one snapshot take to arrive, which then share a transaction; short
     * against the half second in which a wait is to be seen. Under load it costs nothing: rows
     * gather while the transaction before is under way.
     */
    static final Duration URGENT_LINGER = Duration.ofMillis(20);

    private final VaultOptions options;

    public VaultFindingSinks(VaultOptions options) {
        this.options = options;
    }

    @Override
    public FindingSinks urgent() {
        return new VaultFindingSinks(options.withLingerUpTo(URGENT_LINGER));
    }

    @Override
    public <T> void write(DataStream<T> findings, VaultTable table, VaultRowMapper<T> mapper) {
        findings.sinkTo(new VaultSink<>(table, mapper, options))
                .uid("vault-" + table.satellite())
                .name("vault-" + table.satellite().replace('_', '-'))
                .setParallelism(1);
    }
}
