package io.onevault.connectors.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.onevault.connectors.secret.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WebhookMessageTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Secret SECRET = Secret.of("0123456789abcdef");

    @ParameterizedTest
    @EnumSource(Status.class)
    void everyMessageIsWhatTheSchemaSays(Status status) throws Exception {
        Schema schema = schema();
        assertThat(errors(schema, Sample.of("k", status))).isEmpty();
        for (int seed = 0; seed < 100; seed++) {
            assertThat(errors(schema, Sample.hostile(new Random(seed), status)))
                    .as("seed " + seed)
                    .isEmpty();
        }
    }

    @Test
    void theSchemaRefusesWhatBreaksThePromise() throws Exception {
        Schema schema = schema();
        ObjectNode good = (ObjectNode) JSON.readTree(body(Sample.firing()));
        assertThat(schema.validate(good)).isEmpty();
        good.fieldNames()
                .forEachRemaining(
                        field -> {
                            ObjectNode without = good.deepCopy();
                            without.remove(field);
                            assertThat(schema.validate(without)).as(field).isNotEmpty();
                        });
        for (ObjectNode wrong :
                List.of(
                        good.deepCopy().put("version", 2),
                        good.deepCopy().put("status", "FIRING"),
                        good.deepCopy().put("severity", "fatal"),
                        good.deepCopy().put("what", "two\nlines"),
                        good.deepCopy().put("what", "x".repeat(2_001)),
                        good.deepCopy().put("value", "NaN"),
                        good.deepCopy().put("since", "yesterday"),
                        good.deepCopy().put("link", "javascript:alert(1)"),
                        good.deepCopy().put("related_count", -1))) {
            assertThat(schema.validate(wrong)).isNotEmpty();
        }
        assertThat(schema.validate(good.deepCopy().put("added_later", 1))).isEmpty();
    }

    @Test
    void theMessageIsTheContract() throws Exception {
        assertThat(JSON.readTree(body(Sample.firing())))
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"version": 1, "idempotency_key": "key-1", "alert_key": "alert-7",
                                 "alert_id": "%s",
                                 "status": "firing", "severity": "critical",
                                 "rule": "blocked_sessions",
                                 "title": "CRITICAL orders-db: 12 sessions wait for a lock on orders",
                                 "what": "12 sessions wait for a lock on orders",
                                 "where": {"target": "orders-db", "tenant": "acme",
                                           "series": "lock_waiters",
                                           "labels": {"database": "orders",
                                                      "relation": "public.orders"}},
                                 "since": "2026-03-01T14:03:07.250Z", "at": "2026-03-01T14:15:09Z",
                                 "value": 12.0, "threshold": 5.0, "unit": "sessions",
                                 "likely_cause": "pid 4711 (app billing) is idle in transaction and holds the lock",
                                 "what_to_do": "End pid 4711 or ask its owner",
                                 "link": "https://grafana.example/d/locks?target=orders&x=1",
                                 "related": ["latency p99 high", "pool exhausted"],
                                 "related_count": 4}
                                """
                                        .formatted(Keys.digest("alert-7"))));
    }

    @Test
    void theSignatureIsThatOfTheRecipeInAnyLanguage() {
        byte[] body = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);

        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
        assertThat(WebhookSignature.sign(SECRET, "1700000000", body))
                .isEqualTo("v1=9eb18f493f8ec135d9eb2dad817c369bb4e9cbfa818657897a7437c1cd8c3a23");
    }

    @Test
    void aReceiverTellsOursFromOthersAndFromOldOnes() {
        byte[] body = "x".getBytes(StandardCharsets.UTF_8);
        String good = WebhookSignature.sign(SECRET, "1000", body);

        assertThat(WebhookSignature.verify(SECRET, "1000", body, good, 1_010, 60)).isTrue();
        assertThat(WebhookSignature.verify(SECRET, "1000", body, good, 2_000, 60)).isFalse();
        assertThat(WebhookSignature.verify(SECRET, "1001", body, good, 1_010, 60)).isFalse();
        assertThat(WebhookSignature.verify(SECRET, "1000", new byte[1], good, 1_010, 60)).isFalse();
        assertThat(WebhookSignature.verify(SECRET, "soon", body, good, 1_010, 60)).isFalse();
        assertThat(
                        WebhookSignature.verify(
                                Secret.of("another secret!!"), "1000", body, good, 1_010, 60))
                .isFalse();
    }

    private static List<?> errors(Schema schema, Notification notification) throws IOException {
        JsonNode message = JSON.readTree(body(notification));
        return schema.validate(message);
    }

    private static String body(Notification notification) {
        return WebhookMessage.of(notification, MessageText.of(notification));
    }

    private static Schema schema() throws IOException {
        try (InputStream in =
                WebhookMessage.class.getResourceAsStream("notification-v1.schema.json")) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(JSON.readTree(in));
        }
    }
}
