package io.onevault.connectors.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.ChannelOptions.Security;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.Until;
import jakarta.mail.BodyPart;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.auth.EasyAuthenticationHandlerFactory;
import org.subethamail.smtp.auth.LoginFailedException;
import org.subethamail.smtp.server.SMTPServer;

/** Mail over real SMTP servers, polite and rude ones. */
class EmailChannelTest {

    private static final Secret PASSWORD = Secret.of("s3cr3t-Zq9");
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir private static Path folder;
    private static Certificates good;
    private static Certificates other;

    private final List<Mail> mails = new CopyOnWriteArrayList<>();
    private @Nullable SMTPServer server;

    /** What arrived. */
    private record Mail(byte[] data) {
        MimeMessage parsed() throws Exception {
            return new MimeMessage(
                    Session.getInstance(new Properties()), new ByteArrayInputStream(data));
        }
    }

    @BeforeAll
    static void certificates() throws Exception {
        good = Certificates.of(folder, "good", "ip:127.0.0.1");
        other = Certificates.of(folder, "other", "dns:other.example");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop();
        }
    }

    @Test
    void aMailArrivesOverStartTlsWithAPassword() throws Exception {
        int port = start(secured(good).requireTLS().requireAuth());
        DeliveryAttempt attempt = send(email(port, Security.STARTTLS, good, LONG));

        assertThat(attempt.result()).isEqualTo("DELIVERED");
        assertThat(attempt.externalId())
                .matches("<onevault[.]message[.][0-9a-f]{40}@ours.example>");
        assertThat(attempt.recipient()).isEqualTo("a@example.org, b@example.org");
        assertThat(mails).hasSize(1);
        MimeMessage mail = mails.get(0).parsed();
        assertThat(mail.getAllRecipients())
                .extracting(Object::toString)
                .containsExactly("a@example.org", "b@example.org");
        assertThat(mail.getSubject())
                .isEqualTo("CRITICAL orders-db: 12 sessions wait for a lock on orders");
        assertThat(mail.getMessageID()).isEqualTo(attempt.externalId());
        assertThat(mail.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(mail.getHeader("X-OneVault-Idempotency-Key")).containsExactly("key-1");
        assertThat(part(mail, 0)).isEqualToNormalizingNewlines(attempt.content());
        assertThat(part(mail, 1))
                .contains("<b>Likely cause</b><br>pid 4711 (app billing)")
                .contains("<a href=\"https://grafana.example/d/locks?target=orders&amp;x=1\">");
    }

    @Test
    void aMailArrivesOverTlsFromTheFirstByte() throws Exception {
        int port = start(builder().serverSocketFactory(good.server()));

        assertThat(send(email(port, Security.TLS, good, LONG)).result()).isEqualTo("DELIVERED");
        DeliveryAttempt unknown = send(email(port, Security.TLS, null, LONG));
        assertThat(unknown.result()).isEqualTo("TEMPORARY_FAILURE");
        assertThat(mails).hasSize(1);
    }

    @Test
    void repeatsHaveOneIdAndAnAlertOneThread() throws Exception {
        int port = start(builder());
        ChannelOptions channel = plain(port, LONG);
        for (Notification notification :
                List.of(
                        Sample.of("k1", Status.FIRING),
                        Sample.of("k1", Status.FIRING),
                        Sample.of("k2", Status.RESOLVED))) {
            send(channel, notification);
        }

        List<String> ids = new ArrayList<>();
        List<String> threads = new ArrayList<>();
        for (Mail mail : mails) {
            ids.add(mail.parsed().getMessageID());
            threads.add(mail.parsed().getHeader("References")[0]);
        }
        assertThat(ids).hasSize(3);
        assertThat(ids.get(0)).isEqualTo(ids.get(1)).isNotEqualTo(ids.get(2));
        assertThat(threads).containsOnly(threads.get(0)).hasSize(3);
    }

    @Test
    void hostileTextAddsNoHeaderNoRecipientAndNoMarkup() throws Exception {
        int port = start(builder());
        ChannelOptions channel = plain(port, LONG);
        for (int seed = 0; seed < 20; seed++) {
            send(channel, Sample.hostile(new Random(seed), Status.FIRING));
        }

        assertThat(mails).hasSize(20);
        for (Mail mail : mails) {
            MimeMessage parsed = mail.parsed();
            assertThat(Collections.list(parsed.getAllHeaders()))
                    .extracting(header -> header.getName())
                    .containsOnly(
                            "Received",
                            "Date",
                            "From",
                            "To",
                            "Message-ID",
                            "In-Reply-To",
                            "References",
                            "Subject",
                            "MIME-Version",
                            "Content-Type",
                            "Auto-Submitted",
                            "X-Auto-Response-Suppress",
                            "X-OneVault-Idempotency-Key");
            assertThat(parsed.getAllRecipients()).hasSize(2);
            assertThat(parsed.getSubject().length()).isLessThanOrEqualTo(300);
            assertThat(part(parsed, 1)).doesNotContain("<script", "<img", "onerror=alert(1)>");
            assertThat(mail.data().length).isLessThan(200_000);
        }
    }

    @Test
    void aWrongPasswordIsFinal() throws Exception {
        int port = start(secured(good).requireAuth());
        ChannelOptions.Email right = email(port, Security.STARTTLS, good, LONG);
        ChannelOptions wrong =
                new ChannelOptions.Email(
                        right.common(),
                        right.host(),
                        port,
                        Security.STARTTLS,
                        "ours",
                        Secret.of("s3cr3t-Zq9-wrong"),
                        right.from(),
                        right.to(),
                        right.caFile());
        DeliveryAttempt attempt = send(wrong);

        assertThat(attempt.result()).isEqualTo("PERMANENT_FAILURE");
        assertThat(attempt.reason()).startsWith("the mail server refuses user or password");
        assertThat(mails).isEmpty();
    }

    @Test
    void nothingIsSentWhenTheCertificateIsNotTheHosts() throws Exception {
        int port = start(secured(other));
        for (Certificates trusted : new Certificates[] {null, good, other}) {
            DeliveryAttempt attempt = send(email(port, Security.STARTTLS, trusted, LONG));

            assertThat(attempt.result()).isEqualTo("TEMPORARY_FAILURE");
            assertThat(attempt.reason()).containsAnyOf("certificate", "TLS");
        }
        assertThat(mails).isEmpty();
    }

    @Test
    void nothingIsSentInClearTextWhenTlsIsNotOffered() throws Exception {
        int port = start(builder());

        assertThat(send(email(port, Security.STARTTLS, good, LONG)).outcome())
                .isEqualTo(
                        new Outcome.TemporaryFailure(
                                "the mail server offers no STARTTLS, and mail is not sent without",
                                null));
        assertThat(mails).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new ChannelOptions.Email(
                                        Common.of("mail"),
                                        "mail.example",
                                        25,
                                        Security.NONE,
                                        "ours",
                                        PASSWORD,
                                        "us@ours.example",
                                        List.of("a@example.org"),
                                        null))
                .withMessageContaining("clear text")
                .withMessageNotContaining("s3cr3t-Zq9");
    }

    @ParameterizedTest
    @CsvSource({
        "421, TEMPORARY_FAILURE", "451, TEMPORARY_FAILURE", "452, TEMPORARY_FAILURE",
        "550, PERMANENT_FAILURE", "552, PERMANENT_FAILURE", "554, PERMANENT_FAILURE"
    })
    void aReplyToTheMailIsJudgedByItsFirstDigit(int code, String result) throws Exception {
        int port =
                start(
                        SMTPServer.port(0)
                                .messageHandler(
                                        (context, from, to, data) -> {
                                            throw new RejectException(code, "not today");
                                        }));
        DeliveryAttempt attempt = send(plain(port, LONG));

        assertThat(attempt.result()).isEqualTo(result);
        assertThat(attempt.reason()).startsWith("SMTP " + code).contains("not today");
    }

    @Test
    void anAddressThatIsRefusedDoesNotKeepTheMailFromOthers() throws Exception {
        try (RawServer smtp = new RawServer(dialogue("250 ok", "550 unknown", "250 queued"))) {
            assertThat(send(plain(smtp.port(), LONG)).outcome())
                    .isEqualTo(new Outcome.Delivered("", "1 of 2 addresses were refused"));
        }
        try (RawServer smtp = new RawServer(dialogue("450 later", "550 unknown", "250 queued"))) {
            assertThat(send(plain(smtp.port(), LONG)).outcome())
                    .isEqualTo(new Outcome.TemporaryFailure("SMTP 450: 450 later", null));
        }
        try (RawServer smtp = new RawServer(dialogue("550 unknown", "550 unknown", "250 queued"))) {
            assertThat(send(plain(smtp.port(), LONG)).outcome())
                    .isEqualTo(new Outcome.PermanentFailure("SMTP 550: 550 unknown"));
        }
    }

    @Test
    void rudeServersMayDoBetterLater() throws Exception {
        List<RawServer.Manners> rude =
                List.of(
                        RawServer::reset,
                        Socket::close,
                        socket -> RawServer.write(socket, "421 busy\r\n"),
                        socket -> RawServer.write(socket, "\u0000\u00ff garbage\r\n\r\n"),
                        socket -> RawServer.write(socket, "HTTP/1.1 200 OK\r\n\r\n"),
                        socket -> {
                            RawServer.write(socket, "220 hi\r\n");
                            socket.getInputStream().read();
                            RawServer.reset(socket);
                        },
                        EmailChannelTest::endlessLine,
                        EmailChannelTest::endlessReply);
        for (int i = 0; i < rude.size(); i++) {
            try (RawServer smtp = new RawServer(rude.get(i))) {
                DeliveryAttempt attempt = send(plain(smtp.port(), LONG));

                assertThat(attempt.result()).as("case " + i).isEqualTo("TEMPORARY_FAILURE");
                assertThat(attempt.reason().length()).as("case " + i).isBetween(1, 400);
                assertThat(attempt.durationMillis()).isLessThan(LONG.toMillis() / 2.0);
            }
        }
    }

    @Test
    void oneThatHangsOrDripsIsGivenUpInTimeAndLetGo() throws Exception {
        for (RawServer.Manners manners :
                List.<RawServer.Manners>of(
                        RawServer::hang,
                        EmailChannelTest::drip,
                        socket -> {
                            RawServer.write(socket, "220 hi\r\n");
                            RawServer.hang(socket);
                        })) {
            RawServer.Manners counted =
                    socket -> {
                        manners.treat(socket);
                        throw new IOException("the client hung up");
                    };
            try (RawServer smtp = new RawServer(counted)) {
                assertThat(send(plain(smtp.port(), SHORT)).outcome())
                        .isEqualTo(new Outcome.TemporaryFailure("no answer within 500 ms", null));
                Until.holds("the connection is closed", () -> smtp.hangUps() == 1);
            }
        }
    }

    @Test
    void oneThatIsNotThereIsSaidToBe() throws Exception {
        int port;
        try (RawServer smtp = new RawServer(RawServer::hang)) {
            port = smtp.port();
        }

        assertThat(send(plain(port, LONG)).outcome())
                .isEqualTo(new Outcome.TemporaryFailure("the connection was refused", null));
    }

    @Test
    void aServerThatHangsHoldsNobodyUpAndItsMailsAllEnd() throws Exception {
        int port = start(builder());
        try (RawServer smtp = new RawServer(RawServer::hang);
                Channels channels =
                        Channels.open(
                                List.of(
                                        plain("bad", smtp.port(), Duration.ofSeconds(3)),
                                        plain("good", port, LONG)),
                                Clock.systemUTC())) {
            List<CompletableFuture<DeliveryAttempt>> hanging = new ArrayList<>();
            for (int i = 0; i < 1_200; i++) {
                hanging.add(channels.send("bad", Sample.firing()));
            }
            assertThat(channels.send("good", Sample.firing()).get(60, TimeUnit.SECONDS).result())
                    .isEqualTo("DELIVERED");
            for (CompletableFuture<DeliveryAttempt> one : hanging) {
                assertThat(one.get(60, TimeUnit.SECONDS).result()).isEqualTo("TEMPORARY_FAILURE");
            }
            assertThat(hanging)
                    .anyMatch(one -> one.join().reason().startsWith("too many mails"))
                    .anyMatch(one -> one.join().reason().startsWith("no answer"));
            assertThat(smtp.connections()).isLessThanOrEqualTo(10);
        }
    }

    @Test
    void closingEndsWhatIsUnderWay() throws Exception {
        try (RawServer smtp =
                new RawServer(
                        socket -> {
                            RawServer.hang(socket);
                            throw new IOException("the client hung up");
                        })) {
            List<CompletableFuture<DeliveryAttempt>> underWay = new ArrayList<>();
            try (Channels channels =
                    Channels.open(List.of(plain(smtp.port(), LONG)), Clock.systemUTC())) {
                for (int i = 0; i < 5; i++) {
                    underWay.add(channels.send("mail", Sample.firing()));
                }
                Until.holds("two are connected", () -> smtp.connections() == 2);
            }

            for (CompletableFuture<DeliveryAttempt> one : underWay) {
                assertThat(one.get(30, TimeUnit.SECONDS).reason())
                        .isEqualTo("the channel was closed");
            }
            Until.holds("the connections are closed", () -> smtp.hangUps() == 2);
        }
    }

    private SMTPServer.Builder builder() {
        return SMTPServer.port(0)
                .messageHandler((context, from, to, data) -> mails.add(new Mail(data)));
    }

    private SMTPServer.Builder secured(Certificates certificates) {
        return builder()
                .enableTLS()
                .startTlsSocketFactory(certificates.server())
                .authenticationHandlerFactory(
                        new EasyAuthenticationHandlerFactory(
                                (user, password, context) -> {
                                    if (!user.equals("ours")
                                            || !password.equals(PASSWORD.reveal())) {
                                        throw new LoginFailedException();
                                    }
                                }));
    }

    private int start(SMTPServer.Builder builder) {
        SMTPServer started = builder.build();
        server = started;
        started.start();
        return started.getPortAllocated();
    }

    /** A server that knows only the first two recipients' replies and the mail's. */
    private static RawServer.Manners dialogue(String first, String second, String data) {
        return socket -> {
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.ISO_8859_1));
            RawServer.write(socket, "220 hi\r\n");
            List<String> replies = new ArrayList<>(List.of(first, second));
            String line;
            while ((line = in.readLine()) != null) {
                if (line.startsWith("RCPT")) {
                    RawServer.write(socket, replies.remove(0) + "\r\n");
                } else if (line.equals("DATA")) {
                    RawServer.write(socket, "354 go on\r\n");
                    while (!".".equals(line)) {
                        line = in.readLine();
                    }
                    RawServer.write(socket, data + "\r\n");
                } else {
                    RawServer.write(socket, "250 ok\r\n");
                }
            }
        };
    }

    private static void endlessLine(Socket socket) throws IOException {
        String part = "2".repeat(1_000);
        while (true) {
            RawServer.write(socket, part);
        }
    }

    private static void endlessReply(Socket socket) throws IOException {
        while (true) {
            RawServer.write(socket, "220-and another thing\r\n");
        }
    }

    private static void drip(Socket socket) throws IOException {
        socket.setSoTimeout(20);
        while (true) {
            RawServer.write(socket, "2");
            try {
                if (socket.getInputStream().read() < 0) {
                    return;
                }
            } catch (SocketTimeoutException e) {
                // Still there.
            }
        }
    }

    private static DeliveryAttempt send(ChannelOptions options) throws Exception {
        return send(options, Sample.firing());
    }

    private static DeliveryAttempt send(ChannelOptions options, Notification notification)
            throws Exception {
        try (Channels channels = Channels.open(List.of(options), Clock.systemUTC())) {
            DeliveryAttempt attempt =
                    channels.send(options.name(), notification).get(90, TimeUnit.SECONDS);
            assertThat(attempt.toString() + options).doesNotContain("s3cr3t-Zq9");
            return attempt;
        }
    }

    private static ChannelOptions plain(int port, Duration timeout) {
        return plain("mail", port, timeout);
    }

    private static ChannelOptions plain(String name, int port, Duration timeout) {
        return new ChannelOptions.Email(
                new Common(name, timeout, DeliveryPolicy.DEFAULT),
                "127.0.0.1",
                port,
                Security.NONE,
                "",
                Secret.NONE,
                "us@ours.example",
                List.of("a@example.org", "b@example.org"),
                null);
    }

    private static ChannelOptions.Email email(
            int port, Security security, @Nullable Certificates trusted, Duration timeout) {
        return new ChannelOptions.Email(
                new Common("mail", timeout, DeliveryPolicy.DEFAULT),
                "127.0.0.1",
                port,
                security,
                security == Security.TLS ? "" : "ours",
                security == Security.TLS ? Secret.NONE : PASSWORD,
                "us@ours.example",
                List.of("a@example.org", "b@example.org"),
                trusted == null ? null : trusted.caFile());
    }

    private static String part(MimeMessage mail, int index) throws Exception {
        BodyPart part = ((MimeMultipart) mail.getContent()).getBodyPart(index);
        return (String) part.getContent();
    }
}
