package io.onevault.jobs.alerts.rules;

import io.onevault.connectors.model.RowChange;

/** The kinds of rules that people write, each a hub and a satellite of the vault. */
public enum RuleKind {
    /** {@link AlertRule}. */
    ALERT("monitoring", "alert_configuration", "alert_name"),
    /** {@link CapacityThreshold}. */
    CAPACITY("capacity_planning", "capacity_threshold", "threshold_name"),
    /** {@link Silence}; it has no name but its hub's key. */
    SILENCE("monitoring", "alert_silence", "alert_silence_hk");

    private final String schema;
    private final String entity;
    private final String nameColumn;

    RuleKind(String schema, String entity, String nameColumn) {
        this.schema = schema;
        this.entity = entity;
        this.nameColumn = nameColumn;
    }

    /** Whether the change is of a table that rules are made of. */
    public static boolean concerns(RowChange change) {
        for (RuleKind kind : values()) {
            if (kind.has(change)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the change is of a hub or satellite of this kind. */
    boolean has(RowChange change) {
        return change.schema().equals(schema)
                && (change.table().equals(hub()) || change.table().equals(satellite()));
    }

    String hub() {
        return entity + "_h";
    }

    String satellite() {
        return entity + "_s";
    }

    String qualifiedHub() {
        return schema + "." + hub();
    }

    String keyColumn() {
        return entity + "_hk";
    }

    String nameColumn() {
        return nameColumn;
    }
}
