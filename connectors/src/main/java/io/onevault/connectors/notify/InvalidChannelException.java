package io.onevault.connectors.notify;

/**
 * An option that cannot be used. Its message is one sentence with the remedy; it shows no value,
 * for that may be a secret.
 */
public final class InvalidChannelException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String key;
    private final String what;
    private final String remedy;

    InvalidChannelException(String channel, String key, String what, String remedy) {
        super("%s of channel %s %s; %s".formatted(key, channel, what, remedy));
        this.key = key;
        this.what = what;
        this.remedy = remedy;
    }

    /** The option's key in the configuration. */
    public String key() {
        return key;
    }

    /** What is wrong, in the form of a predicate. */
    public String what() {
        return what;
    }

    /** What to do, as an imperative. */
    public String remedy() {
        return remedy;
    }
}
