package io.onevault.connectors.cdc.reader;

import java.nio.ByteBuffer;

/**
 * A row's message on its way through the engine, with its place in the log before it: the engine's
 * own description of the source costs more than all else that it does with a message.
 *
 * <p>The bytes: where the message begins (1), LSN (8), transaction (8), commit time (8), unused
 * ones, the message.
 *
 * @param lsn where the change stands in the log
 * @param transaction its transaction
 * @param commitTime of the transaction, server's clock, milliseconds since the epoch
 * @param message as the server sent it, the table's id aside
 */
record Carried(long lsn, long transaction, long commitTime, ByteBuffer message) {

    private static final int HEAD = 1 + 3 * Long.BYTES;

    /**
     * The bytes of a message and its place. A message is read into an array of its own behind as
     * many bytes of protocol as are needed, which saves copying it.
     */
    static byte[] of(ByteBuffer message, long lsn, long transaction, long commitTime) {
        int offset = message.hasArray() ? message.arrayOffset() + message.position() : 0;
        byte[] content;
        if (offset >= HEAD
                && offset <= Byte.MAX_VALUE
                && message.array().length == offset + message.remaining()) {
            content = message.array();
        } else {
            offset = HEAD;
            content = new byte[HEAD + message.remaining()];
            message.get(content, HEAD, message.remaining());
        }
        ByteBuffer.wrap(content)
                .put((byte) offset)
                .putLong(lsn)
                .putLong(transaction)
                .putLong(commitTime);
        return content;
    }

    /** Reads such bytes. */
    static Carried read(ByteBuffer content) {
        int start = content.position();
        int begin = content.get(start);
        return new Carried(
                content.getLong(start + 1),
                content.getLong(start + 1 + Long.BYTES),
                content.getLong(start + 1 + 2 * Long.BYTES),
                content.slice(start + begin, content.remaining() - begin));
    }
}
