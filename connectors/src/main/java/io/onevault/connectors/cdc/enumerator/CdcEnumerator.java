package io.onevault.connectors.cdc.enumerator;

import io.onevault.connectors.cdc.split.CdcSplit;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.jspecify.annotations.Nullable;

/**
 * Gives the one split to the first reader that comes. Restored readers keep theirs: Flink hands
 * reader state back to the readers, the enumerator knows only whether the split is still with it.
 */
public final class CdcEnumerator implements SplitEnumerator<CdcSplit, CdcEnumeratorState> {

    private final SplitEnumeratorContext<CdcSplit> context;
    private @Nullable CdcSplit waiting;

    public CdcEnumerator(SplitEnumeratorContext<CdcSplit> context, CdcEnumeratorState state) {
        this.context = context;
        this.waiting = state.waiting();
    }

    @Override
    public void start() {}

    @Override
    public void handleSplitRequest(int subtaskId, @Nullable String requesterHostname) {}

    @Override
    public void addSplitsBack(List<CdcSplit> splits, int subtaskId) {
        for (CdcSplit split : splits) {
            waiting = split;
        }
        assign();
    }

    @Override
    public void addReader(int subtaskId) {
        assign();
    }

    private void assign() {
        CdcSplit split = waiting;
        if (split != null && !context.registeredReaders().isEmpty()) {
            int reader = context.registeredReaders().keySet().iterator().next();
            waiting = null;
            context.assignSplit(split, reader);
        }
    }

    @Override
    public CdcEnumeratorState snapshotState(long checkpointId) {
        return new CdcEnumeratorState(waiting);
    }

    @Override
    public void close() {}
}
