package io.onevault.jobs.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A network between a client and a server on loopback that a test makes slow or cuts: answers come
 * late, or nobody gets through. Bytes are neither lost nor reordered.
 */
public final class LateProxy implements AutoCloseable {

    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final ServerSocket listener;
    private final int destination;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile long delayNanos;
    private volatile boolean cut;

    /**
     * @param destination port on loopback
     */
    public LateProxy(int destination) throws IOException {
        this.destination = destination;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** What the server answers arrives later by {@code delay}; what waits follows a change. */
    public void delayAnswers(Duration delay) {
        delayNanos = delay.toNanos();
    }

    /** Ends all connections and refuses others until it is mended. */
    public void cut() throws IOException {
        cut = true;
        end();
    }

    public void mend() {
        cut = false;
    }

    private void end() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    private void accept() {
        try {
            while (true) {
                connect(listener.accept());
            }
        } catch (IOException e) {
            // The proxy was closed.
        }
    }

    private void connect(Socket client) throws IOException {
        sockets.add(client);
        if (cut) {
            client.close();
            return;
        }
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), destination);
            sockets.add(server);
            start(() -> copy(client, server, false));
            start(() -> copy(server, client, true));
        } catch (ConnectException nobodyThere) {
            client.close();
        }
    }

    private void copy(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[65_536];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            int count = in.read(buffer);
            while (count >= 0) {
                long came = System.nanoTime();
                while (answers && System.nanoTime() - came < delayNanos) {
                    LockSupport.parkNanos(STEP_NANOS);
                }
                out.write(buffer, 0, count);
                count = in.read(buffer);
            }
        } catch (IOException e) {
            // One side hung up.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "late-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        end();
    }
}
