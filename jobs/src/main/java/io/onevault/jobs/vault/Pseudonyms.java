package io.onevault.jobs.vault;

import io.onevault.connectors.secret.Secret;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What the vault may know of a person: keyed hashes of user names and client addresses, by which
 * the same one is recognised everywhere, and the clear text only where that is configured. The hash
 * is HMAC-SHA-256 of the UTF-8 bytes, so that nobody without the key finds a name by trying.
 *
 * @param key of the hashes; without one there are none
 * @param clearText whether the text itself is stored too
 */
public record Pseudonyms(Secret key, boolean clearText) implements Serializable {

    /** Neither hashes nor clear text. */
    public static final Pseudonyms NONE = new Pseudonyms(Secret.NONE, false);

    private static final String ALGORITHM = "HmacSHA256";

    /** The hash, 32 bytes; null for an empty text and without a key. */
    public byte @Nullable [] hash(String text) {
        if (text.isEmpty() || key.isEmpty()) {
            return null;
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key.reveal().getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    /** The hash as lower-case hexadecimal digits; empty where there is none. */
    public String hex(String text) {
        byte[] hash = hash(text);
        return hash == null ? "" : HexFormat.of().formatHex(hash);
    }

    /** The text where clear text is configured, else null; null also for an empty text. */
    public @Nullable String clear(String text) {
        return clearText && !text.isEmpty() ? text : null;
    }
}
