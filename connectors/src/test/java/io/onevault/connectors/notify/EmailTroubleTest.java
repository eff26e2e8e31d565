package io.onevault.connectors.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.ChannelOptions.Security;
import io.onevault.connectors.secret.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mail servers that repeat passwords, fall silent with the mail in their hands, or are others. */
class EmailTroubleTest {

    private static final String USER = "ours@relay.example";
    private static final String PASSWORD = "s3cr3t-Zq9!";
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir private static Path folder;
    private static Certificates good;
    private static Certificates other;

    /** What clients said. */
    private final List<String> heard = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void certificates() throws Exception {
        good = Certificates.of(folder, "good", "ip:127.0.0.1");
        other = Certificates.of(folder, "other", "dns:other.example");
    }

    @ParameterizedTest
    @CsvSource({
        "PLAIN, 535, PERMANENT_FAILURE",
        "LOGIN, 535, PERMANENT_FAILURE",
        "PLAIN, 454, TEMPORARY_FAILURE",
        "LOGIN, 454, TEMPORARY_FAILURE"
    })
    void aServerThatRefusesAndRepeatsThePasswordInAnyFormIsNotQuoted(
            String mechanism, int code, String result) throws Exception {
        List<String> logged = new CopyOnWriteArrayList<>();
        Handler handler = capture(logged);
        Logger mails = Logger.getLogger("org.eclipse.angus.mail");
        Level usual = mails.getLevel();
        mails.setLevel(Level.ALL);
        mails.addHandler(handler);
        try (RawServer smtp =
                new RawServer(socket -> refuse(good.secure(socket), mechanism, code))) {
            ChannelOptions options = email(smtp.port(), good);
            DeliveryAttempt attempt = send(options);

            assertThat(attempt.result()).isEqualTo(result);
            assertThat(attempt.reason())
                    .contains(Integer.toString(code), "refused because of", "******");
            String sent = String.join(" ", heard);
            assertThat(sent).as("it was asked for").contains(mechanism);
            List<String> hidden = forms();
            assertThat(hidden).as("it was told").anyMatch(sent::contains);
            String shown = attempt.toString() + attempt.outcome() + options + logged;
            hidden.forEach(form -> assertThat(shown.contains(form)).as(form).isFalse());
        } finally {
            mails.removeHandler(handler);
            mails.setLevel(usual);
        }
    }

    @Test
    void aMailOfWhichNothingIsHeardAfterwardsIsRepeatedWithItsId() throws Exception {
        List<RawServer.Manners> fates =
                List.of(socket -> takeMail(socket, null), socket -> hangWithMail(socket));
        for (RawServer.Manners fate : fates) {
            heard.clear();
            try (RawServer smtp = new RawServer(fate)) {
                for (int i = 0; i < 2; i++) {
                    DeliveryAttempt attempt = send(plain(smtp.port(), Duration.ofSeconds(2)));

                    assertThat(attempt.result()).isEqualTo("TEMPORARY_FAILURE");
                    assertThat(attempt.externalId()).isEmpty();
                    assertThat(attempt.reason()).isNotEmpty();
                }
            }
            try (RawServer smtp = new RawServer(socket -> takeMail(socket, "250 queued"))) {
                DeliveryAttempt attempt = send(plain(smtp.port(), LONG));

                assertThat(attempt.result()).isEqualTo("DELIVERED");
                assertThat(heard.stream().filter(line -> line.startsWith("Message-ID: ")).toList())
                        .hasSize(3)
                        .containsOnly("Message-ID: " + attempt.externalId());
            }
        }
    }

    @Test
    void nothingIsSaidOverTlsToAnotherHost() throws Exception {
        try (RawServer smtp = new RawServer(socket -> refuse(other.secure(socket), "PLAIN", 535))) {
            for (Certificates trusted : new Certificates[] {null, good, other}) {
                DeliveryAttempt attempt = send(email(smtp.port(), trusted));

                assertThat(attempt.result()).isEqualTo("TEMPORARY_FAILURE");
                assertThat(attempt.reason()).containsAnyOf("certificate", "TLS");
            }
            assertThat(smtp.connections()).isEqualTo(3);
        }
        assertThat(heard).isEmpty();
    }

    /** Asks for the password, and repeats it with what it came in. */
    private void refuse(SSLSocket socket, String mechanism, int code) throws IOException {
        BufferedReader in = reader(socket);
        RawServer.write(socket, "220 hi\r\n");
        String line;
        while ((line = next(in)) != null) {
            if (line.startsWith("EHLO")) {
                RawServer.write(socket, "250-hi\r\n250 AUTH " + mechanism + "\r\n");
            } else if (line.startsWith("AUTH")) {
                StringBuilder said = new StringBuilder(line);
                if (line.equals("AUTH LOGIN")) {
                    for (String prompt : List.of("VXNlcm5hbWU6", "UGFzc3dvcmQ6")) {
                        RawServer.write(socket, "334 " + prompt + "\r\n");
                        said.append(' ').append(next(in));
                    }
                }
                RawServer.write(
                        socket,
                        "%d 5.7.8 refused because of <%s> %s\r\n"
                                .formatted(code, said, String.join(" ", forms())));
            } else {
                RawServer.write(socket, "221 bye\r\n");
            }
        }
    }

    /** The password as it may be written. */
    private static List<String> forms() {
        List<String> forms = new ArrayList<>(List.of(PASSWORD));
        for (String around : List.of("%s", "\0" + USER + "\0%s", USER + "\0" + USER + "\0%s")) {
            byte[] bytes = around.formatted(PASSWORD).getBytes(StandardCharsets.UTF_8);
            forms.add(Base64.getEncoder().encodeToString(bytes));
            forms.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        }
        return forms;
    }

    /**
     * Takes a mail.
     *
     * @param answer to it; null to hang up instead
     */
    private void takeMail(Socket socket, @Nullable String answer) throws IOException {
        BufferedReader in = reader(socket);
        RawServer.write(socket, "220 hi\r\n");
        String line;
        while ((line = next(in)) != null) {
            if (!line.equals("DATA")) {
                RawServer.write(socket, "250 ok\r\n");
                continue;
            }
            RawServer.write(socket, "354 go on\r\n");
            while (line != null && !line.equals(".")) {
                line = next(in);
            }
            if (answer == null) {
                return;
            }
            RawServer.write(socket, answer + "\r\n");
        }
    }

    /** Takes a mail and says nothing to it. */
    private void hangWithMail(Socket socket) throws IOException {
        takeMail(socket, null);
        RawServer.hang(socket);
    }

    private @Nullable String next(BufferedReader in) throws IOException {
        String line = in.readLine();
        if (line != null) {
            heard.add(line);
        }
        return line;
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    }

    private static Handler capture(List<String> logged) {
        return new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.add(entry.getMessage() + entry.getThrown());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    private static DeliveryAttempt send(ChannelOptions options) throws Exception {
        try (Channels channels = Channels.open(List.of(options), Clock.systemUTC())) {
            return channels.send(options.name(), Sample.firing()).get(90, TimeUnit.SECONDS);
        }
    }

    private static ChannelOptions plain(int port, Duration timeout) {
        return new ChannelOptions.Email(
                new Common("mail", timeout, DeliveryPolicy.DEFAULT),
                "127.0.0.1",
                port,
                Security.NONE,
                "",
                Secret.NONE,
                "us@ours.example",
                List.of("a@example.org"),
                null);
    }

    private static ChannelOptions email(int port, @Nullable Certificates trusted) {
        return new ChannelOptions.Email(
                new Common("mail", LONG, DeliveryPolicy.DEFAULT),
                "127.0.0.1",
                port,
                Security.TLS,
                USER,
                Secret.of(PASSWORD),
                "us@ours.example",
                List.of("a@example.org"),
                trusted == null ? null : trusted.caFile());
    }
}
