package io.onevault.connectors.polling;

import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** Writes a {@link PollSplit} as version 1: two strings and four longs. */
final class PollSplitSerializer implements SimpleVersionedSerializer<PollSplit> {

    static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(PollSplit split) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(96);
        write(split, out);
        return out.getCopyOfBuffer();
    }

    @Override
    public PollSplit deserialize(int version, byte[] serialized) throws IOException {
        requireKnown(version);
        DataInputDeserializer in = new DataInputDeserializer(serialized);
        PollSplit split = read(in);
        requireEnd(in);
        return split;
    }

    static void write(PollSplit split, DataOutputSerializer out) throws IOException {
        PollSplit.Progress progress = split.progress();
        out.writeUTF(split.target());
        out.writeUTF(split.poll());
        out.writeLong(progress.accountedUntil());
        out.writeLong(progress.clockSkewMillis());
        out.writeLong(progress.serverStart());
        out.writeLong(progress.runs());
    }

    static PollSplit read(DataInputDeserializer in) throws IOException {
        String target = in.readUTF();
        String poll = in.readUTF();
        return new PollSplit(
                target,
                poll,
                new PollSplit.Progress(in.readLong(), in.readLong(), in.readLong(), in.readLong()));
    }

    static void requireKnown(int version) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "polling state of version %d cannot be read; this release reads version %d. Use the release that wrote it, or start without this state."
                            .formatted(version, VERSION));
        }
    }

    static void requireEnd(DataInputDeserializer in) throws IOException {
        if (in.available() > 0) {
            throw new IOException("polling state has %d bytes too many".formatted(in.available()));
        }
    }
}
