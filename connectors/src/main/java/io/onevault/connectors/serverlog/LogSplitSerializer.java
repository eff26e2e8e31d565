package io.onevault.connectors.serverlog;

import io.onevault.connectors.target.SplitListSerializer;
import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** Writes a {@link LogSplit} as version 1: its fields in order. */
final class LogSplitSerializer implements SimpleVersionedSerializer<LogSplit> {

    private static final int VERSION = 1;
    private static final String WHAT = "the server log";

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(LogSplit split) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(96);
        out.writeUTF(split.target());
        out.writeUTF(split.file());
        out.writeLong(split.offset());
        out.writeLong(split.anchor());
        out.writeBoolean(split.seek());
        out.writeLong(split.time());
        return out.getCopyOfBuffer();
    }

    @Override
    public LogSplit deserialize(int version, byte[] serialized) throws IOException {
        SplitListSerializer.requireVersion(WHAT, VERSION, version);
        DataInputDeserializer in = new DataInputDeserializer(serialized);
        LogSplit split =
                new LogSplit(
                        in.readUTF(),
                        in.readUTF(),
                        in.readLong(),
                        in.readLong(),
                        in.readBoolean(),
                        in.readLong());
        SplitListSerializer.requireEnd(WHAT, in);
        return split;
    }
}
