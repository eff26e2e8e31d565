package io.onevault.jobs.alerts.rules;

/** A rule that cannot be obeyed; the message is one sentence with the remedy. */
final class InvalidRuleException extends Exception {

    private static final long serialVersionUID = 1L;

    InvalidRuleException(String reason) {
        super(reason);
    }
}
