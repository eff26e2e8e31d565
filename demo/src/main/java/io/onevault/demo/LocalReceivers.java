package io.onevault.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.WebhookSignature;
import io.onevault.connectors.secret.Secret;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.subethamail.smtp.server.SMTPServer;

/**
 * Who is told of alerts in the demo: a web server that checks signatures, and a mail server, both
 * on this machine and on ports of their own. They keep what they got, as a person would see it.
 */
final class LocalReceivers implements AutoCloseable {

    private static final Secret SIGNING = Secret.of("demo-demo-demo-demo");
    private static final long TOLERANCE_SECONDS = 300;
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);

    private final ObjectMapper json = new ObjectMapper();
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final HttpServer web;
    private final SMTPServer mail;
    private volatile long latest = System.nanoTime();

    private LocalReceivers() throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        web = HttpServer.create(new InetSocketAddress(here, 0), 0);
        web.createContext("/alerts", this::take);
        mail =
                SMTPServer.port(0)
                        .bindAddress(here)
                        .messageHandler((context, from, to, data) -> take(data))
                        .build();
    }

    static LocalReceivers start() throws IOException {
        LocalReceivers receivers = new LocalReceivers();
        receivers.web.start();
        receivers.mail.start();
        return receivers;
    }

    /** How the job reaches them. */
    List<ChannelOptions> channels() {
        return List.of(
                new ChannelOptions.Webhook(
                        ChannelOptions.Common.of("webhook"),
                        Secret.of("http://127.0.0.1:" + web.getAddress().getPort() + "/alerts"),
                        SIGNING,
                        null),
                new ChannelOptions.Email(
                        ChannelOptions.Common.of("mail"),
                        "127.0.0.1",
                        mail.getPortAllocated(),
                        ChannelOptions.Security.NONE,
                        "",
                        Secret.NONE,
                        "onevault@demo.example",
                        List.of("oncall@demo.example"),
                        null));
    }

    /** What came, a line each, in the order in which it came. */
    List<String> messages() {
        return List.copyOf(messages);
    }

    /** Waits until nothing has come for {@code quietSeconds}, with patience for ten times that. */
    void awaitSilence(long quietSeconds) {
        long quiet = TimeUnit.SECONDS.toNanos(quietSeconds);
        long deadline = System.nanoTime() + 10 * quiet;
        latest = System.nanoTime();
        while (System.nanoTime() - latest < quiet && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            boolean ours =
                    WebhookSignature.verify(
                            SIGNING,
                            header(exchange, WebhookSignature.TIMESTAMP_HEADER),
                            body,
                            header(exchange, WebhookSignature.SIGNATURE_HEADER),
                            Instant.now().getEpochSecond(),
                            TOLERANCE_SECONDS);
            if (ours) {
                JsonNode message = json.readTree(body);
                String action = message.path("what_to_do").asText();
                got(
                        "webhook",
                        message.path("title").asText() + (action.isEmpty() ? "" : " → " + action));
            }
            exchange.sendResponseHeaders(ours ? 204 : 401, -1);
        }
    }

    private static String header(HttpExchange exchange, String name) {
        return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst(name), "");
    }

    private void take(byte[] data) {
        try {
            MimeMessage message =
                    new MimeMessage(
                            Session.getInstance(new Properties()), new ByteArrayInputStream(data));
            got("mail", message.getSubject());
        } catch (MessagingException e) {
            got("mail", "cannot be read: " + e.getMessage());
        }
    }

    private void got(String where, String what) {
        messages.add("%s  %-7s  %s".formatted(CLOCK.format(Instant.now()), where, what));
        latest = System.nanoTime();
    }

    @Override
    public void close() {
        web.stop(0);
        mail.stop();
    }
}
