package io.onevault.jobs.alerts.lifecycle;

/** How bad it is; later ones are worse. */
public enum Severity {
    WARNING,
    CRITICAL
}
