package io.onevault.sql;

import java.util.Locale;

/**
 * For which kind of environment a vault's default alert rules are made. It decides only when a rule
 * is inserted; what is there stays.
 */
public enum RuleProfile {
    /** People are told at any hour, of what is critical as critical. */
    PRODUCTION,

    /**
     * Trouble is a warning, told in business hours, and told again when it is back after five
     * minutes. What loses data is as in production.
     */
    DEVELOPMENT;

    /** The word for it in the configuration and in SQL. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
