package io.onevault.forecasting.csv;

/** The input cannot be used; the message is one sentence for the user and names the line. */
public final class CsvInputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CsvInputException(String message) {
        super(message);
    }

    public CsvInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
