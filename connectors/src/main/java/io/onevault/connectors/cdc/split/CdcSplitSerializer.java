package io.onevault.connectors.cdc.split;

import io.onevault.connectors.model.SchemaVersion.TableColumn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link CdcSplit} as version 2: what version 1 had (id, system id, timeline, the
 * position's three longs, and the cut, if any, behind a flag), then the publication's id and the
 * columns of each table. Reads version 1 as a stream that has told no columns yet.
 */
public final class CdcSplitSerializer implements SimpleVersionedSerializer<CdcSplit> {

    static final int VERSION = 2;
    private static final int WITHOUT_COLUMNS = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(CdcSplit split) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(256);
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
        out.writeLong(split.publication());
        out.writeInt(split.columns().size());
        for (Map.Entry<String, List<TableColumn>> table : split.columns().entrySet()) {
            out.writeUTF(table.getKey());
            out.writeInt(table.getValue().size());
            for (TableColumn column : table.getValue()) {
                out.writeUTF(column.name());
                out.writeUTF(column.type());
                out.writeBoolean(column.key());
            }
        }
        return out.getCopyOfBuffer();
    }

    @Override
    public CdcSplit deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION && version != WITHOUT_COLUMNS) {
            throw new IOException(
                    "change source state of version %d cannot be read; this release reads versions up to %d. Use the release that wrote it, or start without this state."
                            .formatted(version, VERSION));
        }
        DataInputDeserializer in = new DataInputDeserializer(serialized);
        String id = in.readUTF();
        long systemId = in.readLong();
        int timeline = in.readInt();
        CdcPosition position = new CdcPosition(in.readLong(), in.readLong(), in.readLong());
        @Nullable SnapshotCut cut =
                in.readBoolean() ? new SnapshotCut(in.readUTF(), in.readLong()) : null;
        long publication = version == WITHOUT_COLUMNS ? 0 : in.readLong();
        Map<String, List<TableColumn>> columns =
                version == WITHOUT_COLUMNS ? Map.of() : readColumns(in);
        if (in.available() > 0) {
            throw new IOException(
                    "change source state has %d bytes too many".formatted(in.available()));
        }
        return new CdcSplit(id, systemId, timeline, publication, position, cut, columns);
    }

    private static Map<String, List<TableColumn>> readColumns(DataInputDeserializer in)
            throws IOException {
        Map<String, List<TableColumn>> tables = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String table = in.readUTF();
            int count = in.readInt();
            List<TableColumn> columns = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                columns.add(new TableColumn(in.readUTF(), in.readUTF(), in.readBoolean()));
            }
            tables.put(table, List.copyOf(columns));
        }
        return tables;
    }
}
