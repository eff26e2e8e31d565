package io.onevault.connectors.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.onevault.connectors.secret.Secret;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NotificationTest {

    @ParameterizedTest
    @ValueSource(classes = {Notification.class, DeliveryAttempt.class, ReceiverState.class})
    void whatTravelsSerializesWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void wordsStandForStatusAndSeverity() {
        Notification notification = Sample.of("k", Status.RESOLVED);

        assertThat(notification.status()).isEqualTo("resolved");
        assertThat(notification.state()).isEqualTo(Status.RESOLVED);
        assertThat(notification.level()).isEqualTo(Severity.CRITICAL);
        assertThatIllegalArgumentException().isThrownBy(() -> Status.of("RESOLVED"));
        assertThatIllegalArgumentException().isThrownBy(() -> Severity.of("fatal"));
    }

    @Test
    void itDoesNotChangeWithWhatItWasMadeFrom() {
        Map<String, String> labels = new HashMap<>(Map.of("a", "b"));
        Notification notification =
                Sample.builder("k", Status.FIRING, Severity.INFO)
                        .where("t", "", "s", labels)
                        .build();
        labels.clear();

        assertThat(notification.labels()).containsEntry("a", "b");
    }

    @Test
    void keysAreNeeded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sample.builder(" ", Status.FIRING, Severity.INFO).build())
                .withMessageContaining("keys");
    }

    @Test
    void anAttemptTellsItsOutcome() {
        ChannelOptions channel =
                new ChannelOptions.Slack(
                        ChannelOptions.Common.of("chat"), Secret.of("https://hooks.example/x"));
        for (Outcome outcome :
                new Outcome[] {
                    new Outcome.Delivered("id", "ok"),
                    new Outcome.TemporaryFailure("later", Duration.ofSeconds(3)),
                    new Outcome.TemporaryFailure("later", null),
                    new Outcome.PermanentFailure("never")
                }) {
            DeliveryAttempt attempt =
                    DeliveryAttempt.of(Sample.firing(), channel, "r", "c", outcome, 1, 2.5);
            assertThat(attempt.outcome()).isEqualTo(outcome);
            assertThat(attempt.idempotencyKey()).isEqualTo("key-1");
        }
    }
}
