package io.onevault.sql;

/**
 * The vault was not deployed. The message is one sentence for people with the remedy; it holds no
 * secret, and there is no cause, because a driver's exception may quote the URL with its password.
 */
public final class DeployException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Ends a deployment with {@code sentence}. */
    public DeployException(String sentence) {
        super(sentence);
    }
}
