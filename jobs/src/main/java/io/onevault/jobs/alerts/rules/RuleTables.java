package io.onevault.jobs.alerts.rules;

import java.util.List;
import java.util.stream.Stream;

/** The tables of the vault in which people say what is to be watched for, and what they know. */
public final class RuleTables {

    /** {@code schema.table} each; hubs before their satellites. */
    public static final List<String> NAMES =
            List.of(
                    "monitoring.alert_configuration_h",
                    "monitoring.alert_configuration_s",
                    "capacity_planning.capacity_threshold_h",
                    "capacity_planning.capacity_threshold_s",
                    "monitoring.alert_silence_h",
                    "monitoring.alert_silence_s");

    /** Where people take note of alerts. */
    public static final String ACKNOWLEDGEMENTS = "monitoring.alert_acknowledgement_s";

    /** Of whose changes a job has to hear. */
    public static final List<String> HEARD =
            Stream.concat(NAMES.stream(), Stream.of(ACKNOWLEDGEMENTS)).toList();

    private RuleTables() {}
}
