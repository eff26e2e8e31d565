package io.onevault.jobs.locks.report;

/** How parts of a text are set off on a terminal; elsewhere they are not. */
enum Style {
    BOLD("1"),
    DIM("2"),
    RED("31"),
    BOLD_RED("1;31"),
    YELLOW("33"),
    CYAN("36"),
    GREEN("32");

    private static final String ESC = "\u001B[";

    private final String code;

    Style(String code) {
        this.code = code;
    }

    String of(String text, boolean colour) {
        return colour && !text.isEmpty() ? ESC + code + "m" + text + ESC + "0m" : text;
    }
}
