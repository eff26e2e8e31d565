package io.onevault.connectors.vault;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Writes findings to a hub and a satellite of the vault.
 *
 * <p>At least once into idempotent tables, so every finding is there once. Rows wait in a bounded
 * buffer that is part of the writer's checkpointed state: a checkpoint never waits for the vault,
 * an outage of the vault delays nothing but its rows, and a full buffer is backpressure. A row the
 * vault refuses (SQLSTATE class 22, 23 or 54) is found by bisection and put into {@code
 * monitoring.dead_letter} with its reason while its neighbours land.
 *
 * <p>Use parallelism 1 for each satellite: one writer serves tens of thousands of rows a second and
 * several would only wait for each other.
 *
 * @param <T> the finding
 */
public final class VaultSink<T> implements Sink<T>, SupportsWriterState<T, List<VaultRow>> {

    private static final long serialVersionUID = 1L;

    private final VaultTable table;
    private final VaultRowMapper<T> mapper;
    private final VaultOptions options;

    public VaultSink(VaultTable table, VaultRowMapper<T> mapper, VaultOptions options) {
        this.table = table;
        this.mapper = mapper;
        this.options = options;
    }

    @Override
    public StatefulSinkWriter<T, List<VaultRow>> createWriter(WriterInitContext context) {
        return restoreWriter(context, List.of());
    }

    @Override
    public StatefulSinkWriter<T, List<VaultRow>> restoreWriter(
            WriterInitContext context, Collection<List<VaultRow>> recoveredState) {
        List<VaultRow> recovered = new ArrayList<>();
        recoveredState.forEach(recovered::addAll);
        return new VaultSinkWriter<>(table, mapper, options, context, recovered);
    }

    @Override
    public SimpleVersionedSerializer<List<VaultRow>> getWriterStateSerializer() {
        return new VaultRowsSerializer(table);
    }
}
