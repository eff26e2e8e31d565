package io.onevault.connectors.secret;

import java.io.Serializable;

/**
 * A password or key that is not to be seen: no {@code toString}, log line or exception shows it.
 * The value is reachable only where it is used.
 */
public final class Secret implements Serializable {

    private static final long serialVersionUID = 1L;

    /** No secret, for servers that trust the client by other means. */
    public static final Secret NONE = new Secret("");

    private final String value;

    private Secret(String value) {
        this.value = value;
    }

    public static Secret of(String value) {
        return new Secret(value);
    }

    /** The clear text; hand it to the driver and nothing else. */
    public String reveal() {
        return value;
    }

    public boolean isEmpty() {
        return value.isEmpty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value.isEmpty() ? "(none)" : "******";
    }
}
