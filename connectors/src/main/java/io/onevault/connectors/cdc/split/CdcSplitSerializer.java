package io.onevault.connectors.cdc.split;

import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link CdcSplit} as version 1: id, system id, timeline, the position's three longs, and
 * the cut, if any, behind a flag.
 */
public final class CdcSplitSerializer implements SimpleVersionedSerializer<CdcSplit> {

    static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(CdcSplit split) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(96);
        out.writeUTF(split.splitId());
        out.writeLong(split.systemId());
        out.writeInt(split.timeline());
        out.writeLong(split.position().commitLsn());
        out.writeLong(split.position().transactionId());
        out.writeLong(split.position().ordinal());
        SnapshotCut cut = split.cut();
        out.writeBoolean(cut != null);
        if (cut != null) {
            out.writeUTF(cut.snapshot());
            out.writeLong(cut.untilLsn());
        }
        return out.getCopyOfBuffer();
    }

    @Override
    public CdcSplit deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "change source state of version %d cannot be read; this release reads version %d. Use the release that wrote it, or start without this state."
                            .formatted(version, VERSION));
        }
        DataInputDeserializer in = new DataInputDeserializer(serialized);
        String id = in.readUTF();
        long systemId = in.readLong();
        int timeline = in.readInt();
        CdcPosition position = new CdcPosition(in.readLong(), in.readLong(), in.readLong());
        @Nullable SnapshotCut cut =
                in.readBoolean() ? new SnapshotCut(in.readUTF(), in.readLong()) : null;
        if (in.available() > 0) {
            throw new IOException(
                    "change source state has %d bytes too many".formatted(in.available()));
        }
        return new CdcSplit(id, systemId, timeline, position, cut);
    }
}
