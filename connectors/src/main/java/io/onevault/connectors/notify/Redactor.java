package io.onevault.connectors.notify;

import io.onevault.connectors.secret.Secret;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes what a receiver said fit to be kept: one bounded line, in which the secrets that we sent it
 * are masked, for a receiver may repeat them.
 */
final class Redactor {

    private static final String MASK = "******";
    private static final int LONGEST = 255;

    /** What is shorter is a word that texts have, not a token. */
    private static final int SHORTEST_PART = 8;

    private final List<Secret> secrets;

    Redactor(Secret... secrets) {
        this.secrets = List.of(secrets);
    }

    /**
     * For an address that is a secret: as a whole, and in its parts, for a receiver may repeat just
     * the token that one of them is.
     */
    static Redactor ofAddress(URI address, Secret... others) {
        List<Secret> secrets = new ArrayList<>(List.of(others));
        secrets.add(Secret.of(address.toString()));
        String path = address.getRawPath() == null ? "" : address.getRawPath();
        String query = address.getRawQuery() == null ? "" : address.getRawQuery();
        if (path.length() >= SHORTEST_PART) {
            secrets.add(Secret.of(path));
        }
        secrets.add(Secret.of(query));
        for (String part : (path + '/' + query).split("[/&=]", -1)) {
            if (part.length() >= SHORTEST_PART) {
                secrets.add(Secret.of(part));
                secrets.add(Secret.of(URLDecoder.decode(part, StandardCharsets.UTF_8)));
            }
        }
        return new Redactor(secrets.toArray(Secret[]::new));
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
