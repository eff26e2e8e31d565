package io.onevault.connectors.cdc.enumerator;

import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.cdc.split.CdcSplitSerializer;
import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Writes a {@link CdcEnumeratorState} as its split, or as nothing; the version is the split's. */
public final class CdcEnumeratorStateSerializer
        implements SimpleVersionedSerializer<CdcEnumeratorState> {

    private final CdcSplitSerializer splits = new CdcSplitSerializer();

    @Override
    public int getVersion() {
        return splits.getVersion();
    }

    @Override
    public byte[] serialize(CdcEnumeratorState state) throws IOException {
        CdcSplit waiting = state.waiting();
        return waiting == null ? new byte[0] : splits.serialize(waiting);
    }

    @Override
    public CdcEnumeratorState deserialize(int version, byte[] serialized) throws IOException {
        if (serialized.length == 0 && version <= splits.getVersion()) {
            return new CdcEnumeratorState(null);
        }
        return new CdcEnumeratorState(splits.deserialize(version, serialized));
    }
}
