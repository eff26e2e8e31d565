package io.onevault.connectors.notify;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;

/** A well-behaved HTTP receiver on loopback that answers what it is told and keeps what it got. */
final class Receiver implements AutoCloseable {

    /** What came. */
    record Request(String method, String path, Headers headers, String body) {}

    /** What to answer. */
    record Answer(int status, Map<String, String> headers, String body) {
        Answer(int status, String body) {
            this(status, Map.of(), body);
        }
    }

    private final HttpServer server;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile Answer answer;

    Receiver(Answer answer) throws IOException {
        this(HttpServer.create(), answer);
    }

    Receiver(SSLContext tls, Answer answer) throws IOException {
        this(secured(tls), answer);
    }

    private Receiver(HttpServer server, Answer answer) throws IOException {
        this.server = server;
        this.answer = answer;
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    private static HttpServer secured(SSLContext tls) throws IOException {
        HttpsServer server = HttpsServer.create();
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return server;
    }

    void answer(Answer next) {
        this.answer = next;
    }

    String base() {
        String scheme = server instanceof HttpsServer ? "https" : "http";
        return scheme + "://127.0.0.1:" + server.getAddress().getPort();
    }

    List<Request> requests() {
        return requests;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body =
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            requests.add(
                    new Request(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI().toString(),
                            exchange.getRequestHeaders(),
                            body));
            Answer given = answer;
            given.headers().forEach(exchange.getResponseHeaders()::set);
            byte[] bytes = given.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(given.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
