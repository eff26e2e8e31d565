package io.onevault.connectors.cdc.reader;

/** Places in the write-ahead log, as bytes from its beginning. */
final class Lsns {

    private Lsns() {}

    /** As PostgreSQL writes it. */
    static String text(long lsn) {
        return "%X/%X".formatted(lsn >>> 32, lsn & 0xFFFF_FFFFL);
    }
}
