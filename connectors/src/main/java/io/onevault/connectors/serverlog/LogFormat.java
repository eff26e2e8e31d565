package io.onevault.connectors.serverlog;

/** The formats of a log that tell fields apart, best first. */
enum LogFormat {
    /** From PostgreSQL 15 on: one object a line. */
    JSON("jsonlog", ".json"),
    /** Fields with commas; quoted ones may contain line breaks. */
    CSV("csvlog", ".csv");

    private final String destination;
    private final String suffix;

    LogFormat(String destination, String suffix) {
        this.destination = destination;
        this.suffix = suffix;
    }

    /** Its name in {@code log_destination}. */
    String destination() {
        return destination;
    }

    /** How its files' names end. */
    String suffix() {
        return suffix;
    }

    static LogFormat ofFile(String file) {
        return file.endsWith(JSON.suffix) ? JSON : CSV;
    }
}
