package io.onevault.connectors.notify;

import io.onevault.connectors.secret.Secret;
import java.util.List;

/**
 * Makes what a receiver said fit to be kept: one bounded line, in which the secrets that we sent it
 * are masked, for a receiver may repeat them.
 */
final class Redactor {

    private static final String MASK = "******";
    private static final int LONGEST = 255;

    private final List<Secret> secrets;

    Redactor(Secret... secrets) {
        this.secrets = List.of(secrets);
    }

    String line(String said) {
        String masked = said;
        for (Secret secret : secrets) {
            if (!secret.isEmpty()) {
                masked = masked.replace(secret.reveal(), MASK);
            }
        }
        return PlainText.line(masked, LONGEST);
    }
}
