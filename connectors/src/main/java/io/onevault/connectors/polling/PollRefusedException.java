package io.onevault.connectors.polling;

/** A poll cannot be answered, for a reason that is known and reported as a gap. */
final class PollRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient PollFailure failure;

    PollRefusedException(PollFailure failure) {
        super(failure.detail());
        this.failure = failure;
    }

    PollFailure failure() {
        return failure;
    }
}
