package io.onevault.jobs.capacity;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.model.SnapshotBoundary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Row changes of a small business vault, as the source would bring them. */
final class Rows {

    static final String TARGET = "prod";
    static final long T0 = 1_760_000_400_000L / 3_600_000 * 3_600_000;

    private Rows() {}

    /** A hub's row; a null tenant is SQL's NULL. */
    static List<FieldValue> asset(String key, @Nullable String tenant) {
        return List.of(
                field("asset_hk", key), field("asset_bk", "bk-" + key), field("tenant_hk", tenant));
    }

    /** A satellite's row. */
    static List<FieldValue> details(String key, int version, String name) {
        return List.of(
                field("asset_hk", key),
                new FieldValue("version", "int4", Integer.toString(version), false),
                field("name", name));
    }

    /** A link's row. */
    static List<FieldValue> link(String key, String asset) {
        return List.of(field("asset_user_hk", key), field("asset_hk", asset));
    }

    /** A row of the tenants' hub. */
    static List<FieldValue> tenant(String key, String name) {
        return List.of(field("tenant_hk", key), field("tenant_bk", name));
    }

    static FieldValue field(String name, @Nullable String text) {
        return new FieldValue(name, "text", text, false);
    }

    static CdcRecord insert(String table, int keys, long time, List<FieldValue> row) {
        return change("CREATE", table, row.subList(0, keys), null, row, time, false);
    }

    static CdcRecord read(String table, int keys, long time, List<FieldValue> row) {
        return change("READ", table, row.subList(0, keys), null, row, time, true);
    }

    /** An update whose old row was not logged. */
    static CdcRecord update(String table, int keys, long time, List<FieldValue> row) {
        return change("UPDATE", table, row.subList(0, keys), null, row, time, false);
    }

    /** An update whose old row was logged. */
    static CdcRecord update(
            String table, int keys, long time, List<FieldValue> before, List<FieldValue> row) {
        return change("UPDATE", table, row.subList(0, keys), before, row, time, false);
    }

    /** A deletion of which the key was logged, or the row of a table without one. */
    static CdcRecord delete(String table, int keys, long time, List<FieldValue> row) {
        List<FieldValue> key = row.subList(0, keys);
        return change("DELETE", table, key, keys == 0 ? row : key, null, time, false);
    }

    static CdcRecord truncate(String table, long time) {
        return change("TRUNCATE", table, List.of(), null, null, time, false);
    }

    static CdcRecord begin(long lsn, long time) {
        return CdcRecord.of(new SnapshotBoundary(TARGET, "cdc/slot", lsn, time, false));
    }

    static CdcRecord end(long lsn, long time) {
        return CdcRecord.of(new SnapshotBoundary(TARGET, "cdc/slot", lsn, time, true));
    }

    private static CdcRecord change(
            String operation,
            String table,
            List<FieldValue> key,
            @Nullable List<FieldValue> before,
            @Nullable List<FieldValue> after,
            long time,
            boolean snapshot) {
        return CdcRecord.of(
                new RowChange(
                        TARGET,
                        "business",
                        table,
                        operation,
                        new ArrayList<>(key),
                        before,
                        after,
                        1,
                        1,
                        1,
                        1,
                        time,
                        snapshot));
    }
}
