package io.onevault.connectors.notify;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What became of one attempt. Reasons are one line, bounded and free of secrets. */
public sealed interface Outcome {

    /**
     * The receiver has taken the message.
     *
     * @param externalId the receiver's name for it, empty when it gave none
     * @param detail what else it said, such as addresses that were refused beside others
     */
    record Delivered(String externalId, String detail) implements Outcome {}

    /**
     * It may work later.
     *
     * @param reason for people
     * @param retryAfter how long the receiver asks to be left alone; null when it does not say
     */
    record TemporaryFailure(String reason, @Nullable Duration retryAfter) implements Outcome {}

    /**
     * The same message will never be taken from this sender.
     *
     * @param reason for people
     */
    record PermanentFailure(String reason) implements Outcome {}
}
