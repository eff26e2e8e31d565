package io.onevault.connectors.target;

/** A server cannot be watched, for a reason that is known and reported as a gap. */
public final class ServerFailureException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient ServerFailure failure;

    public ServerFailureException(ServerFailure failure) {
        super(failure.detail());
        this.failure = failure;
    }

    public ServerFailure failure() {
        return failure;
    }
}
