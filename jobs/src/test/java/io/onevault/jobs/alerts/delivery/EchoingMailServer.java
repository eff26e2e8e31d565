package io.onevault.jobs.alerts.delivery;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An SMTP server on loopback that refuses every login, and repeats what it was sent with it. */
final class EchoingMailServer implements AutoCloseable {

    private final ServerSocket listener;
    private final String mechanism;
    private final int code;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> answers = new CopyOnWriteArrayList<>();

    /**
     * Starts it.
     *
     * @param mechanism PLAIN or LOGIN
     * @param code of its answer
     */
    EchoingMailServer(String mechanism, int code) throws IOException {
        this.mechanism = mechanism;
        this.code = code;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Its answers to logins. */
    List<String> answers() {
        return List.copyOf(answers);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                threads.execute(() -> talk(socket));
            } catch (IOException e) {
                // It was closed.
            }
        }
    }

    private void talk(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.ISO_8859_1));
            say(socket, "220 hi");
            String line;
            while ((line = in.readLine()) != null) {
                if (line.startsWith("EHLO")) {
                    say(socket, "250-hi\r\n250 AUTH " + mechanism);
                } else if (line.startsWith("AUTH")) {
                    refuse(socket, in, line);
                } else {
                    say(socket, "221 bye");
                }
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    private void refuse(Socket socket, BufferedReader in, String line) throws IOException {
        StringBuilder said = new StringBuilder(line);
        String last = line.substring(line.lastIndexOf(' ') + 1);
        if (line.equals("AUTH LOGIN")) {
            for (String prompt : List.of("VXNlcm5hbWU6", "UGFzc3dvcmQ6")) {
                say(socket, "334 " + prompt);
                last = String.valueOf(in.readLine());
                said.append(' ').append(last);
            }
        }
        String plain = new String(Base64.getDecoder().decode(last), StandardCharsets.UTF_8);
        String answer = code + " 5.7.8 no <" + said + "> " + plain.replace('\0', ' ');
        answers.add(answer);
        say(socket, answer);
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write((text + "\r\n").getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }
}
