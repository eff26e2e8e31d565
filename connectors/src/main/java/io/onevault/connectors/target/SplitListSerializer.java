package io.onevault.connectors.target;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Writes splits that no reader holds, as version 1: a count, and each split as its serializer's
 * version, a length and that many bytes.
 *
 * @param <S> the source's split
 */
public final class SplitListSerializer<S extends SourceSplit>
        implements SimpleVersionedSerializer<List<S>> {

    private static final int VERSION = 1;

    private final SimpleVersionedSerializer<S> splits;

    public SplitListSerializer(SimpleVersionedSerializer<S> splits) {
        this.splits = splits;
    }

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(List<S> list) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        out.writeInt(list.size());
        for (S split : list) {
            byte[] bytes = splits.serialize(split);
            out.writeInt(splits.getVersion());
            out.writeInt(bytes.length);
            out.write(bytes);
        }
        return out.getCopyOfBuffer();
    }

    @Override
    public List<S> deserialize(int version, byte[] serialized) throws IOException {
        requireVersion("splits", VERSION, version);
        DataInputDeserializer in = new DataInputDeserializer(serialized);
        int count = in.readInt();
        List<S> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int splitVersion = in.readInt();
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            list.add(splits.deserialize(splitVersion, bytes));
        }
        requireEnd("splits", in);
        return List.copyOf(list);
    }

    /** Fails when state was written in another version than this program reads. */
    public static void requireVersion(String what, int known, int version) throws IOException {
        if (version != known) {
            throw new IOException(
                    "state of %s, version %d, cannot be read; this release reads version %d. Use the release that wrote it, or start without this state."
                            .formatted(what, version, known));
        }
    }

    /** Fails when bytes are left over. */
    public static void requireEnd(String what, DataInputDeserializer in) throws IOException {
        if (in.available() > 0) {
            throw new IOException(
                    "state of %s has %d bytes too many".formatted(what, in.available()));
        }
    }
}
