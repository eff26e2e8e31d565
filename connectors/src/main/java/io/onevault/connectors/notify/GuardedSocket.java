package io.onevault.connectors.notify;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/**
 * A socket that reads no more than it may, for the mail library collects a server's line in memory
 * however long it gets. TLS layered on it reads through it and is bounded as well.
 */
final class GuardedSocket extends Socket {

    private final long mostBytes;

    /**
     * @param mostBytes read in all; more is an error
     */
    GuardedSocket(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new Counted(super.getInputStream(), mostBytes);
    }

    private static final class Counted extends FilterInputStream {

        private long left;

        Counted(InputStream in, long left) {
            super(in);
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            if (read >= 0) {
                count(1);
            }
            return read;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            count(Math.max(read, 0));
            return read;
        }

        private void count(int bytes) throws IOException {
            left -= bytes;
            if (left < 0) {
                throw new IOException("the server says more than any mail server has to say");
            }
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
