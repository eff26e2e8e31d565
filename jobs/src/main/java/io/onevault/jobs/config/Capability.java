package io.onevault.jobs.config;

import java.util.Locale;

/** A part of the pipeline that a job may be composed of. */
public enum Capability {
    /** Polls the targets and cuts the samples into windows. */
    METRICS,
    /** Attributes growth to tenants by the targets' changes, and forecasts resources. */
    CAPACITY,
    /** Watches the targets' locks: who waits for whom, and deadlocks. */
    LOCKS,
    /** Raises alerts by the rules of the vault; needs what other capabilities find. */
    ALERTS;

    /** The word for it in the configuration. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
