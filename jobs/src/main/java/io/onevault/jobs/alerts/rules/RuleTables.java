package io.onevault.jobs.alerts.rules;

import java.util.List;

/** The tables of the vault in which people say what is to be watched for. */
public final class RuleTables {

    /** {@code schema.table} each; hubs before their satellites. */
    public static final List<String> NAMES =
            List.of(
                    "monitoring.alert_configuration_h",
                    "monitoring.alert_configuration_s",
                    "capacity_planning.capacity_threshold_h",
                    "capacity_planning.capacity_threshold_s");

    private RuleTables() {}
}
