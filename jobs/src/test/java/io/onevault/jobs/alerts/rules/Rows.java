package io.onevault.jobs.alerts.rules;

import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.vault.HashKey;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Changes of the vault's rule tables as the change source delivers them. */
public final class Rows {

    private Rows() {}

    /** Hash key of a business key, hexadecimal. */
    public static String key(String businessKey) {
        return HexFormat.of().formatHex(HashKey.of(businessKey));
    }

    /** Year 2026, so many days in. */
    public static String day(int day) {
        return "2026-%02d-%02dT00:00:00Z".formatted(day / 28 + 1, day % 28 + 1);
    }

    /** A valid rule's columns. */
    public static Map<String, String> rule(String name, String metric, String warning) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("alert_name", name);
        row.put("metric_pattern", metric);
        row.put("warning_threshold", warning);
        row.put("condition_type", "THRESHOLD");
        row.put("direction", "ABOVE");
        row.put("for_seconds", "0");
        row.put("business_hours_only", "false");
        row.put("is_active", "true");
        return row;
    }

    /** A valid threshold's columns. */
    public static Map<String, String> threshold(
            String name, String type, String level, String percentage) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("threshold_name", name);
        row.put("resource_type", type);
        row.put("threshold_type", level);
        row.put("threshold_percentage", percentage);
        row.put("evaluation_frequency_minutes", "5");
        return row;
    }

    /** A rule's hub row, inserted on a day. */
    public static RowChange hub(long commit, String key, String tenant, int day) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("alert_configuration_hk", "\\x" + key(key));
        row.put("tenant_hk", tenant.isEmpty() ? null : "\\x" + key(tenant));
        row.put("load_date", day(day));
        return change(commit, "monitoring", "alert_configuration_h", "CREATE", row, List.of());
    }

    /** A rule's version from a day to another, or open when that is 0. */
    public static RowChange version(
            long commit, String operation, String key, int from, int to, Map<String, String> row) {
        Map<String, String> full = new LinkedHashMap<>(row);
        full.put("alert_configuration_hk", "\\x" + key(key));
        full.put("load_date", day(from));
        full.put("load_end_date", to == 0 ? null : day(to));
        full.putIfAbsent("hash_diff", "\\x0" + from % 10);
        return change(commit, "monitoring", "alert_configuration_s", operation, full, List.of());
    }

    /** A capacity threshold's hub row and open version. */
    public static List<RowChange> capacity(long commit, String key, Map<String, String> row) {
        Map<String, String> hub = new LinkedHashMap<>();
        hub.put("capacity_threshold_hk", "\\x" + key(key));
        hub.put("load_date", day(0));
        Map<String, String> full = new LinkedHashMap<>(row);
        full.put("capacity_threshold_hk", "\\x" + key(key));
        full.put("load_date", day(0));
        full.put("hash_diff", "\\x00");
        return List.of(
                change(
                        commit,
                        "capacity_planning",
                        "capacity_threshold_h",
                        "CREATE",
                        hub,
                        List.of()),
                change(
                        commit,
                        "capacity_planning",
                        "capacity_threshold_s",
                        "CREATE",
                        full,
                        List.of()));
    }

    public static RowChange deleted(long commit, String table, String key, int day) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("alert_configuration_hk", "\\x" + key(key));
        if (table.endsWith("_s")) {
            row.put("load_date", day(day));
        }
        return change(commit, "monitoring", table, "DELETE", row, List.of());
    }

    public static RowChange truncated(long commit, String table) {
        return change(commit, "monitoring", table, "TRUNCATE", Map.of(), List.of());
    }

    /**
     * A change; of a DELETE the row is the key.
     *
     * @param unchanged columns that the server did not send
     */
    public static RowChange change(
            long commit,
            String schema,
            String table,
            String operation,
            Map<String, String> row,
            List<String> unchanged) {
        List<FieldValue> fields = new ArrayList<>();
        row.forEach((name, text) -> fields.add(new FieldValue(name, "text", text, false)));
        unchanged.forEach(name -> fields.add(new FieldValue(name, "text", null, true)));
        boolean gone = operation.equals("DELETE");
        boolean all = operation.equals("TRUNCATE");
        boolean read = operation.equals("READ");
        return new RowChange(
                "vault",
                schema,
                table,
                operation,
                gone ? fields : List.of(),
                gone ? fields : null,
                gone || all ? null : fields,
                commit + 7,
                commit,
                read ? 0 : commit,
                1,
                1_760_000_000_000L + commit,
                read);
    }
}
