package io.onevault.jobs.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP receiver on loopback that keeps what it got and answers as it is told. */
public final class HttpReceiver implements AutoCloseable {

    /** What to answer. */
    public record Answer(int status, Map<String, String> headers, String body) {
        public static Answer of(int status) {
            return new Answer(status, Map.of(), "");
        }
    }

    /** What came. */
    public record Sent(String path, Map<String, List<String>> headers, String body) {

        /** A header's only value, whatever the case of its name; empty when there is none. */
        public String header(String name) {
            return headers.entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(header -> header.getValue().get(0))
                    .findAny()
                    .orElse("");
        }

        /** The body, which must be JSON. */
        public JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(body, e);
            }
        }

        /** Whether the body, form or not, holds a text. */
        public boolean holds(String text) {
            return body.contains(text)
                    || body.contains(URLEncoder.encode(text, StandardCharsets.UTF_8));
        }
    }

    /** How it behaves. */
    public interface Manners {

        /**
         * Takes as long as it likes.
         *
         * @param times how often this key has come, this time included
         */
        Answer answer(String key, int times) throws InterruptedException;

        /** The same by all that came. */
        default Answer answer(Sent sent, int times) throws InterruptedException {
            String key = sent.headers().getOrDefault("Idempotency-key", List.of("")).get(0);
            return answer(key, times);
        }

        /** After the answer was sent. */
        default void answered(String key, int times) {}
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final Manners manners;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> keys = new CopyOnWriteArrayList<>();
    private final List<Sent> answered = new CopyOnWriteArrayList<>();

    /** Takes everything. */
    public static HttpReceiver polite() throws IOException {
        return new HttpReceiver((key, times) -> Answer.of(204));
    }

    public HttpReceiver(Manners manners) throws IOException {
        this.manners = manners;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + port() + "/hook";
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** The idempotency keys, in the order in which they came. */
    public List<String> keys() {
        return List.copyOf(keys);
    }

    /** What came to {@code path} and was answered. */
    public List<Sent> sent(String path) {
        return answered.stream().filter(sent -> sent.path().equals(path)).toList();
    }

    /** The bodies of that, which must be JSON. */
    public List<JsonNode> messages(String path) {
        return sent(path).stream().map(Sent::json).toList();
    }

    /** Forgets the messages so far. */
    public void forgetMessages() {
        answered.clear();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Sent sent =
                    new Sent(
                            exchange.getRequestURI().toString(),
                            exchange.getRequestHeaders(),
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8));
            String given = exchange.getRequestHeaders().getFirst("Idempotency-Key");
            String key = given == null ? "" : given;
            keys.add(key);
            int times = Math.toIntExact(keys.stream().filter(key::equals).count());
            Answer answer = manners.answer(sent, times);
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.getResponseBody().close();
            answered.add(sent);
            manners.answered(key, times);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
