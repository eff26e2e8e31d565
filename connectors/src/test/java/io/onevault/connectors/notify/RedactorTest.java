package io.onevault.connectors.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.onevault.connectors.secret.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RedactorTest {

    private static final URI ADDRESS =
            URI.create("https://hooks.example/T000/t0ken-in-path?k=1&token=t0ken%2Fin%2Fquery");

    @Test
    void whateverPartOfAnAddressAReceiverRepeatsIsMasked() {
        Redactor redactor = Redactor.ofAddress(ADDRESS, Secret.of("signing"));

        assertThat(redactor.line("no " + ADDRESS)).isEqualTo("no ******");
        assertThat(redactor.line("POST /T000/t0ken-in-path failed")).doesNotContain("t0ken");
        assertThat(redactor.line("unknown token t0ken-in-path")).isEqualTo("unknown token ******");
        assertThat(redactor.line("t0ken%2Fin%2Fquery, t0ken/in/query")).isEqualTo("******, ******");
        assertThat(redactor.line("signing")).isEqualTo("******");
    }

    @Test
    void aSecretInBase64IsMaskedWithAllAroundIt() {
        Random random = new Random(7);
        for (int length = 5; length < 40; length++) {
            String secret = letters(random, length);
            Redactor redactor = new Redactor(Secret.of(secret));
            for (int before = 0; before < 7; before++) {
                String sent = letters(random, before) + secret + letters(random, random.nextInt(5));
                byte[] bytes = sent.getBytes(StandardCharsets.UTF_8);
                for (Base64.Encoder encoder :
                        List.of(
                                Base64.getEncoder(),
                                Base64.getEncoder().withoutPadding(),
                                Base64.getUrlEncoder())) {
                    String said = encoder.encodeToString(bytes);
                    assertThat(redactor.line("no: " + said + " and \"" + said + "\""))
                            .isEqualTo("no: ****** and \"******\"");
                }
            }
        }
    }

    private static String letters(Random random, int length) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < length; i++) {
            letters.appendCodePoint(random.nextInt(8) == 0 ? 0xe0 + i : '!' + random.nextInt(90));
        }
        return letters.toString();
    }

    @Test
    void aLongAnswerIsMaskedInNoTime() {
        String run = "QUJD".repeat(60_000);

        assertTimeout(
                Duration.ofSeconds(10),
                () -> {
                    assertThat(new Redactor(Secret.of("ABCABC!")).line(run)).startsWith("QUJD");
                    assertThat(new Redactor(Secret.of("ABCABC")).line(run)).isEqualTo("******");
                });
    }

    @Test
    void wordsStay() {
        Redactor redactor = Redactor.ofAddress(URI.create("https://hooks.example/hook?a=1"));

        assertThat(redactor.line("no hook 1 at hooks.example"))
                .isEqualTo("no hook 1 at hooks.example");
    }
}
