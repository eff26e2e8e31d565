package io.onevault.connectors.vault;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/** Takes findings on the task's thread and hands their rows to a {@link VaultFlusher}. */
final class VaultSinkWriter<T> implements StatefulSinkWriter<T, List<VaultRow>> {

    private final VaultRowMapper<T> mapper;
    private final MailboxExecutor mailbox;
    private final RowBuffer buffer;
    private final VaultFlusher flusher;

    VaultSinkWriter(
            VaultTable table,
            VaultRowMapper<T> mapper,
            VaultOptions options,
            WriterInitContext context,
            Collection<VaultRow> recovered) {
        this.mapper = mapper;
        this.mailbox = context.getMailboxExecutor();
        this.buffer = new RowBuffer(options.capacityRows(), recovered);
        this.flusher = new VaultFlusher(table, options, buffer, this::wakeTask);
        context.metricGroup().gauge("vaultRowsPending", buffer::size);
        context.metricGroup().gauge("vaultAwaySeconds", flusher::awaySeconds);
        context.metricGroup().gauge("vaultRowsWritten", flusher::rowsWritten);
        context.metricGroup().gauge("vaultDeadLetters", flusher::deadLetters);
        flusher.start();
    }

    @Override
    public void write(T finding, Context context) throws IOException, InterruptedException {
        VaultRow row = mapper.map(finding);
        flusher.check();
        while (!buffer.offer(row)) {
            mailbox.yield();
            flusher.check();
        }
    }

    /** Waits only at the end of the input: a checkpoint keeps what is not yet written instead. */
    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        while (endOfInput && !buffer.isEmpty()) {
            mailbox.yield();
            flusher.check();
        }
    }

    @Override
    public List<List<VaultRow>> snapshotState(long checkpointId) {
        List<VaultRow> pending = buffer.pending();
        return pending.isEmpty() ? List.of() : List.of(new ArrayList<>(pending));
    }

    @Override
    public void close() throws InterruptedException {
        flusher.stop(TimeUnit.SECONDS.toMillis(5));
    }

    private void wakeTask() {
        mailbox.execute(() -> {}, "vault rows written");
    }
}
