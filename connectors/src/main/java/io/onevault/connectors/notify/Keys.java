package io.onevault.connectors.notify;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Keys in a form that every header and field takes. */
final class Keys {

    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9._:/-]{1,200}");

    private Keys() {}

    /** {@code key} itself when it is short and plain, else its SHA-256 in hexadecimal digits. */
    static String safe(String key) {
        return SAFE.matcher(key).matches() ? key : digest(key);
    }

    /** SHA-256 in hexadecimal digits. */
    static String digest(String key) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
