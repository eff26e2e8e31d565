package io.onevault.jobs.cli;

/** Input that cannot be used; ends a command with exit code 2. */
public final class BadInputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param sentence what is wrong and what to do, without secrets
     */
    public BadInputException(String sentence) {
        super(sentence);
    }
}
