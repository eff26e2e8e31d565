package io.onevault.connectors.locks;

import io.onevault.connectors.target.SplitListSerializer;
import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** Writes a {@link LockSplit} as version 1: a string and a long. */
final class LockSplitSerializer implements SimpleVersionedSerializer<LockSplit> {

    private static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(LockSplit split) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(48);
        out.writeUTF(split.target());
        out.writeLong(split.accountedUntil());
        return out.getCopyOfBuffer();
    }

    @Override
    public LockSplit deserialize(int version, byte[] serialized) throws IOException {
        SplitListSerializer.requireVersion("the lock sampler", VERSION, version);
        DataInputDeserializer in = new DataInputDeserializer(serialized);
        LockSplit split = new LockSplit(in.readUTF(), in.readLong());
        SplitListSerializer.requireEnd("the lock sampler", in);
        return split;
    }
}
