package io.onevault.connectors.polling;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** Writes a {@link PollingEnumeratorState} as version 1: a count and that many splits. */
final class PollingEnumeratorStateSerializer
        implements SimpleVersionedSerializer<PollingEnumeratorState> {

    @Override
    public int getVersion() {
        return PollSplitSerializer.VERSION;
    }

    @Override
    public byte[] serialize(PollingEnumeratorState state) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(256);
        out.writeInt(state.unassigned().size());
        for (PollSplit split : state.unassigned()) {
            PollSplitSerializer.write(split, out);
        }
        return out.getCopyOfBuffer();
    }

    @Override
    public PollingEnumeratorState deserialize(int version, byte[] serialized) throws IOException {
        PollSplitSerializer.requireKnown(version);
        DataInputDeserializer in = new DataInputDeserializer(serialized);
        int count = in.readInt();
        List<PollSplit> splits = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            splits.add(PollSplitSerializer.read(in));
        }
        PollSplitSerializer.requireEnd(in);
        return new PollingEnumeratorState(splits);
    }
}
