package io.onevault.connectors.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.Receiver.Answer;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.Until;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP receivers that hang, break off, talk nonsense or talk for ever. */
class RudeReceiversTest {

    private static final Secret SECRET = Secret.of("s3cr3t-Zq9-0123456789");
    private static final Duration SHORT = Duration.ofMillis(400);
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir private static Path folder;

    @Test
    void oneThatHangsIsGivenUpInTime() throws Exception {
        try (RawServer server = new RawServer(RawServer::hang)) {
            DeliveryAttempt attempt = send(server.url(), SHORT, null);

            assertThat(attempt.outcome())
                    .isEqualTo(new Outcome.TemporaryFailure("no answer within 400 ms", null));
            assertThat(attempt.durationMillis()).isBetween(350.0, 20_000.0);
        }
    }

    @Test
    void oneThatDripsItsAnswerIsGivenUpInTime() throws Exception {
        try (RawServer server = new RawServer(RudeReceiversTest::drip)) {
            DeliveryAttempt attempt = send(server.url(), SHORT, null);

            assertThat(attempt.reason()).isEqualTo("no answer within 400 ms");
            Until.holds("the connection is closed", () -> server.hangUps() == 1);
        }
    }

    @Test
    void oneThatResetsHangsUpOrTalksNonsenseMayDoBetterLater() throws Exception {
        List<RawServer.Manners> rude =
                List.of(
                        RawServer::reset,
                        Socket::close,
                        socket -> {
                            RawServer.readRequest(socket);
                            RawServer.reset(socket);
                        },
                        socket -> {
                            RawServer.readRequest(socket);
                            RawServer.write(socket, "\u0000\u00ffSSH-2.0 hello\n\n\n");
                        },
                        socket -> {
                            RawServer.readRequest(socket);
                            RawServer.write(socket, "HTTP/1.1 9999 OK\r\n\r\n");
                        },
                        socket -> {
                            RawServer.readRequest(socket);
                            RawServer.write(socket, "HTTP/1.1 200");
                        });
        for (int i = 0; i < rude.size(); i++) {
            try (RawServer server = new RawServer(rude.get(i))) {
                DeliveryAttempt attempt = send(server.url(), LONG, null);

                assertThat(attempt.result()).as("case " + i).isEqualTo("TEMPORARY_FAILURE");
                assertThat(attempt.reason()).as("case " + i).isNotBlank();
            }
        }
    }

    @Test
    void endlessHeadersEndTheAttempt() throws Exception {
        try (RawServer server =
                new RawServer(
                        socket -> {
                            RawServer.readRequest(socket);
                            RawServer.write(socket, "HTTP/1.1 200 OK\r\n");
                            String header = "X-Filler: " + "x".repeat(1_000) + "\r\n";
                            while (true) {
                                RawServer.write(socket, header);
                            }
                        })) {
            assertThat(send(server.url(), LONG, null).result()).isEqualTo("TEMPORARY_FAILURE");
        }
    }

    @Test
    void anEndlessBodyIsNotReadAndTheStatusCounts() throws Exception {
        for (int status : new int[] {200, 500}) {
            try (RawServer server = new RawServer(socket -> endless(socket, status))) {
                DeliveryAttempt attempt = send(server.url(), LONG, null);

                assertThat(attempt.result())
                        .isEqualTo(status == 200 ? "DELIVERED" : "TEMPORARY_FAILURE");
                assertThat(attempt.reason().length()).isLessThan(400);
                assertThat(attempt.durationMillis()).isLessThan(LONG.toMillis() / 2.0);
                Until.holds("the connection is closed", () -> server.hangUps() == 1);
            }
        }
    }

    @Test
    void aBodyThatNeverEndsOrBreaksOffLeavesTheStatus() throws Exception {
        String head = "HTTP/1.1 202 Accepted\r\nContent-Length: 1000\r\n\r\n{\"dedup_key\":";
        for (boolean hangs : new boolean[] {true, false}) {
            try (RawServer server =
                    new RawServer(
                            socket -> {
                                RawServer.readRequest(socket);
                                RawServer.write(socket, head);
                                if (hangs) {
                                    RawServer.hang(socket);
                                }
                            })) {
                assertThat(send(server.url(), hangs ? Duration.ofSeconds(2) : LONG, null).result())
                        .isEqualTo("DELIVERED");
            }
        }
    }

    @Test
    void oneThatIsNotThereIsSaidToBe() throws Exception {
        String url;
        try (RawServer server = new RawServer(RawServer::hang)) {
            url = server.url();
        }

        assertThat(send(url, LONG, null).outcome())
                .isEqualTo(new Outcome.TemporaryFailure("the connection was refused", null));
        assertThat(send("http://no-such-host.invalid/s3cr3t-Zq9", LONG, null).outcome())
                .isEqualTo(new Outcome.TemporaryFailure("the host's name is not known", null));
    }

    @Test
    void aCertificateMustBeTrustedAndOfThatHost() throws Exception {
        Certificates good = Certificates.of(folder, "good", "ip:127.0.0.1");
        Certificates other = Certificates.of(folder, "other", "dns:other.example");
        try (Receiver receiver = new Receiver(good.server(), new Answer(200, "ok"));
                Receiver impostor = new Receiver(other.server(), new Answer(200, "ok"))) {
            assertThat(send(receiver.base() + "/x", LONG, good.caFile()).result())
                    .isEqualTo("DELIVERED");
            DeliveryAttempt unknown = send(receiver.base() + "/x", LONG, null);
            assertThat(unknown.result()).isEqualTo("TEMPORARY_FAILURE");
            assertThat(unknown.reason()).containsAnyOf("certificate", "TLS");
            DeliveryAttempt wrong = send(impostor.base() + "/x", LONG, other.caFile());
            assertThat(wrong.result()).isEqualTo("TEMPORARY_FAILURE");
            assertThat(wrong.reason()).startsWith("the receiver's certificate is not trusted: No");
            assertThat(receiver.requests()).hasSize(1);
            assertThat(impostor.requests()).isEmpty();
        }
    }

    @Test
    void manyThatHangHoldNeitherTheCallerNorOthersUp() throws Exception {
        try (RawServer server = new RawServer(RawServer::hang);
                Receiver receiver = new Receiver(new Answer(200, "ok"));
                Channels channels =
                        Channels.open(
                                List.of(
                                        webhook("bad", server.url(), LONG, null),
                                        webhook("good", receiver.base() + "/x", LONG, null)),
                                Clock.systemUTC())) {
            List<CompletableFuture<DeliveryAttempt>> hanging = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                hanging.add(channels.send("bad", Sample.firing()));
            }

            assertThat(channels.send("good", Sample.firing()).get(30, TimeUnit.SECONDS).result())
                    .isEqualTo("DELIVERED");
            assertThat(hanging).noneMatch(CompletableFuture::isDone);
        }
    }

    private static void drip(Socket socket) throws IOException {
        RawServer.readRequest(socket);
        RawServer.write(socket, "HTTP/1.1 200 OK\r\nX-Slow: ");
        while (true) {
            RawServer.write(socket, "x");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private static void endless(Socket socket, int status) throws IOException {
        RawServer.readRequest(socket);
        RawServer.write(socket, "HTTP/1.1 " + status + " X\r\nTransfer-Encoding: chunked\r\n\r\n");
        String chunk = "3e8\r\n" + "x".repeat(1_000) + "\r\n";
        while (true) {
            RawServer.write(socket, chunk);
        }
    }

    private static DeliveryAttempt send(String url, Duration timeout, @Nullable String caFile)
            throws Exception {
        try (Channels channels =
                Channels.open(List.of(webhook("hook", url, timeout, caFile)), Clock.systemUTC())) {
            DeliveryAttempt attempt =
                    channels.send("hook", Sample.firing()).get(90, TimeUnit.SECONDS);
            assertThat(attempt.toString()).doesNotContain("s3cr3t-Zq9");
            return attempt;
        }
    }

    private static ChannelOptions webhook(
            String name, String url, Duration timeout, @Nullable String caFile) {
        return new ChannelOptions.Webhook(
                new Common(name, timeout, DeliveryPolicy.DEFAULT), Secret.of(url), SECRET, caFile);
    }
}
