package io.onevault.connectors.notify;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTP receiver answered.
 *
 * @param status the code
 * @param retryAfter what it asks for; null when nothing
 * @param body the beginning of it, bounded; possibly cut, when it did not end in time
 */
record HttpReply(int status, @Nullable Duration retryAfter, String body) {

    /**
     * The outcome by the rules that hold for every HTTP receiver: 2xx is taken; 408, 425, 429 and
     * 5xx may work later; a redirect is not followed, for the message may be for one receiver's
     * eyes; the rest will not get better by repeating it.
     *
     * @param externalId for a message that was taken
     * @param said what the receiver said, fit to be kept
     */
    Outcome judge(String externalId, String said) {
        String suffix = said.isEmpty() ? "" : ": " + said;
        if (status >= 200 && status < 300) {
            return new Outcome.Delivered(externalId, "");
        }
        if (status == 408 || status == 425 || status == 429 || status >= 500) {
            return new Outcome.TemporaryFailure("HTTP " + status + suffix, retryAfter);
        }
        if (status >= 300 && status < 400) {
            return new Outcome.PermanentFailure(
                    "HTTP " + status + ": redirects are not followed; configure the final address");
        }
        return new Outcome.PermanentFailure("HTTP " + status + suffix);
    }
}
