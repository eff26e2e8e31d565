package io.onevault.connectors.notify;

import io.onevault.connectors.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signature of a webhook message: {@code v1=} and the HMAC-SHA256, in hexadecimal digits, of
 * the timestamp header's value, a full stop, and the body's bytes. A receiver computes the same,
 * compares in constant time, and refuses timestamps that are far from its own clock.
 */
public final class WebhookSignature {

    /** Names the signature. */
    public static final String SIGNATURE_HEADER = "OneVault-Signature";

    /** Names when the attempt was made, in seconds since the epoch. */
    public static final String TIMESTAMP_HEADER = "OneVault-Timestamp";

    /** Names the message; a repeat has the same. */
    public static final String KEY_HEADER = "Idempotency-Key";

    private static final String ALGORITHM = "HmacSHA256";
    private static final String VERSION = "v1=";
    private static final long MOST_SECONDS = 1L << 40;

    private WebhookSignature() {}

    /** The value of {@link #SIGNATURE_HEADER}. */
    public static String sign(Secret secret, String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(
                    new SecretKeySpec(secret.reveal().getBytes(StandardCharsets.UTF_8), ALGORITHM));
            mac.update((timestamp + '.').getBytes(StandardCharsets.UTF_8));
            return VERSION + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    /**
     * Whether a message is ours and recent: what a receiver written in Java calls.
     *
     * @param nowSeconds of the receiver's clock, since the epoch
     * @param toleranceSeconds between its clock and the timestamp
     */
    public static boolean verify(
            Secret secret,
            String timestamp,
            byte[] body,
            String signature,
            long nowSeconds,
            long toleranceSeconds) {
        long sent;
        try {
            sent = Long.parseLong(timestamp);
        } catch (NumberFormatException e) {
            return false;
        }
        if (Math.abs(sent) > MOST_SECONDS || Math.abs(nowSeconds - sent) > toleranceSeconds) {
            return false;
        }
        return MessageDigest.isEqual(
                sign(secret, timestamp, body).getBytes(StandardCharsets.UTF_8),
                signature.getBytes(StandardCharsets.UTF_8));
    }
}
