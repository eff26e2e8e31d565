package io.onevault.connectors.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.secret.Secret;
import java.net.URI;
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
    void wordsStay() {
        Redactor redactor = Redactor.ofAddress(URI.create("https://hooks.example/hook?a=1"));

        assertThat(redactor.line("no hook 1 at hooks.example"))
                .isEqualTo("no hook 1 at hooks.example");
    }
}
