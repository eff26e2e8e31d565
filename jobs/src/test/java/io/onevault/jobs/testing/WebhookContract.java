package io.onevault.jobs.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.onevault.connectors.notify.Notification;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What {@code docs/alerts.md} promises receivers of webhooks, checked as they would: with the
 * published schema, and with a signature of one's own by the recipe that is written there.
 */
public final class WebhookContract {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Schema SCHEMA = schema();
    private static final long MOST_SECONDS = TimeUnit.MINUTES.toSeconds(5);

    private WebhookContract() {}

    /** Checks one message that a receiver got. */
    public static void assertKept(HttpReceiver.Sent sent, String secret) {
        assertThat(SCHEMA.validate(sent.json())).as(sent.body()).isEmpty();
        assertThat(sent.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
        assertThat(sent.header("Idempotency-Key"))
                .isEqualTo(sent.json().path("idempotency_key").asText());
        String timestamp = sent.header("OneVault-Timestamp");
        assertThat(Long.parseLong(timestamp))
                .isCloseTo(
                        TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis()),
                        within(MOST_SECONDS));
        assertThat(sent.header("OneVault-Signature"))
                .isEqualTo("v1=" + hmac(secret, timestamp + "." + sent.body()))
                .isNotEqualTo("v1=" + hmac(secret + "x", timestamp + "." + sent.body()));
    }

    private static String hmac(String secret, String signed) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Schema schema() {
        try (InputStream in =
                Notification.class.getResourceAsStream("notification-v1.schema.json")) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(JSON.readTree(in));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the schema is no JSON", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
