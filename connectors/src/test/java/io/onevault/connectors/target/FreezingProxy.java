package io.onevault.connectors.target;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A TCP proxy that can fall silent: while frozen it accepts connections and bytes and passes
 * nothing on, as a firewall that lost its state does. It can also lead elsewhere, as a virtual
 * address does after a failover.
 */
public final class FreezingProxy implements AutoCloseable {

    private final ServerSocket listener;
    private volatile int destination;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean frozen;

    public FreezingProxy(int destination) throws IOException {
        this.destination = destination;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    public void freeze(boolean on) {
        frozen = on;
    }

    /** Ends all connections; new ones go to {@code port}. */
    public void redirect(int port) throws IOException {
        destination = port;
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
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), destination);
            sockets.add(server);
            start(() -> copy(client, server));
            start(() -> copy(server, client));
        } catch (ConnectException nobodyThere) {
            client.close();
        }
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            int count = in.read(buffer);
            boolean lost = false;
            // No connection goes on with bytes missing in its middle.
            while (count >= 0 && (frozen || !lost)) {
                if (frozen) {
                    lost = true;
                } else {
                    out.write(buffer, 0, count);
                }
                count = in.read(buffer);
            }
        } catch (IOException e) {
            // One side hung up.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "freezing-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
