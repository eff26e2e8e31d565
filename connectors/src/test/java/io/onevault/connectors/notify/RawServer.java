package io.onevault.connectors.notify;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP server on loopback that does to each connection what it is told, however rude. */
final class RawServer implements AutoCloseable {

    /** What happens to a connection; it is closed afterwards. */
    interface Manners {
        void treat(Socket socket) throws IOException;
    }

    private final ServerSocket listener;
    private final Manners manners;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger hangUps = new AtomicInteger();

    RawServer(Manners manners) {
        this.manners = manners;
        try {
            listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/hook";
    }

    /** Connections taken so far. */
    int connections() {
        return connections.get();
    }

    /** Connections that the client ended while something was still to be written to it. */
    int hangUps() {
        return hangUps.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                connections.incrementAndGet();
                threads.execute(() -> treat(socket));
            } catch (IOException e) {
                // Closed: the loop ends.
            }
        }
    }

    private void treat(Socket socket) {
        try (socket) {
            manners.treat(socket);
        } catch (IOException e) {
            hangUps.incrementAndGet();
        } finally {
            open.remove(socket);
        }
    }

    /** Reads a request to the end of its body. */
    static void readRequest(Socket socket) throws IOException {
        BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(
                                socket.getInputStream(), StandardCharsets.ISO_8859_1));
        int length = 0;
        String line;
        while ((line = in.readLine()) != null && !line.isEmpty()) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        in.skip(length);
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Says nothing until the client hangs up. */
    static void hang(Socket socket) throws IOException {
        while (socket.getInputStream().read() >= 0) {
            // Whatever it says.
        }
    }

    /** Ends the connection with a reset. */
    static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }
}
