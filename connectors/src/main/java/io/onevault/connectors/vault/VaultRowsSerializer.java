package io.onevault.connectors.vault;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Rows in a checkpoint. Values carry the tag of their class, rows the names of their columns, the
 * format a version. A savepoint of a release with other columns is read by name: a column that was
 * not there has what it declares for that, one that is no more is left out.
 *
 * <p>Format 1 had no links.
 */
final class VaultRowsSerializer implements SimpleVersionedSerializer<List<VaultRow>> {

    private static final int VERSION = 2;
    private static final int WITHOUT_LINKS = 1;

    private final VaultTable table;
    private final List<String> columns;

    /**
     * @param table whose rows they are
     */
    VaultRowsSerializer(VaultTable table) {
        this.table = table;
        this.columns = table.columns().stream().map(VaultTable.Column::name).toList();
    }

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(List<VaultRow> rows) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(columns.size());
            for (String column : columns) {
                writeText(out, column);
            }
            out.writeInt(rows.size());
            for (VaultRow row : rows) {
                writeText(out, row.businessKey());
                writeValue(out, row.tenant());
                out.writeLong(row.loadDate());
                out.writeInt(row.payload().size());
                for (Object value : row.payload()) {
                    writeValue(out, value);
                }
                out.writeInt(row.links().size());
                for (VaultRow.Link link : row.links()) {
                    writeText(out, link.table());
                    writeText(out, link.businessKey());
                }
            }
        }
        return bytes.toByteArray();
    }

    @Override
    public List<VaultRow> deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION && version != WITHOUT_LINKS) {
            throw new IOException(
                    "vault rows of format "
                            + version
                            + " cannot be read by this version, which knows formats up to "
                            + VERSION
                            + "; restore with the version that wrote the savepoint");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized))) {
            int known = in.readInt();
            List<String> written = new ArrayList<>(known);
            for (int c = 0; c < known; c++) {
                written.add(readText(in));
            }
            int count = in.readInt();
            List<VaultRow> rows = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                String businessKey = readText(in);
                String tenant = (String) readValue(in);
                long loadDate = in.readLong();
                int width = in.readInt();
                List<@Nullable Object> payload = new ArrayList<>(width);
                for (int c = 0; c < width; c++) {
                    payload.add(readValue(in));
                }
                List<VaultRow.Link> links = version == WITHOUT_LINKS ? List.of() : readLinks(in);
                rows.add(
                        new VaultRow(
                                businessKey, tenant, loadDate, inOrder(written, payload), links));
            }
            return rows;
        }
    }

    private static List<VaultRow.Link> readLinks(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<VaultRow.Link> links = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            links.add(new VaultRow.Link(readText(in), readText(in)));
        }
        return links;
    }

    private List<@Nullable Object> inOrder(List<String> written, List<@Nullable Object> payload) {
        if (written.equals(columns)) {
            return payload;
        }
        List<@Nullable Object> ordered = new ArrayList<>(columns.size());
        for (VaultTable.Column column : table.columns()) {
            int at = written.indexOf(column.name());
            ordered.add(at < 0 ? column.ifAbsent() : payload.get(at));
        }
        return ordered;
    }

    private static void writeValue(DataOutputStream out, @Nullable Object value)
            throws IOException {
        if (value == null) {
            out.writeByte('0');
        } else if (value instanceof String text) {
            out.writeByte('S');
            writeText(out, text);
        } else if (value instanceof Double number) {
            out.writeByte('D');
            out.writeDouble(number);
        } else if (value instanceof Long number) {
            out.writeByte('L');
            out.writeLong(number);
        } else if (value instanceof Integer number) {
            out.writeByte('I');
            out.writeInt(number);
        } else if (value instanceof Boolean flag) {
            out.writeByte('B');
            out.writeBoolean(flag);
        } else if (value instanceof byte[] raw) {
            out.writeByte('R');
            out.writeInt(raw.length);
            out.write(raw);
        } else {
            throw new IOException("no column holds a " + value.getClass().getName());
        }
    }

    private static @Nullable Object readValue(DataInputStream in) throws IOException {
        int tag = in.readByte();
        return switch (tag) {
            case '0' -> null;
            case 'S' -> readText(in);
            case 'D' -> in.readDouble();
            case 'L' -> in.readLong();
            case 'I' -> in.readInt();
            case 'B' -> in.readBoolean();
            case 'R' -> in.readNBytes(in.readInt());
            default -> throw new IOException("unknown value tag " + tag);
        };
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }
}
