package io.onevault.connectors.vault;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hash keys and hash differences of the vault: SHA-256, as {@code util.hash_binary} computes it in
 * SQL from the same text.
 */
public final class HashKey {

    private HashKey() {}

    /** The hash key of a business key: SHA-256 of its UTF-8 bytes, 32 bytes. */
    public static byte[] of(String businessKey) {
        return sha256().digest(businessKey.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The hash difference of a payload, 32 bytes. Every value goes in with its length, so that no
     * two payloads share a text.
     */
    static byte[] difference(List<@Nullable Object> payload) {
        MessageDigest digest = sha256();
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
        for (Object value : payload) {
            byte[] bytes =
                    value == null
                            ? new byte[0]
                            : value instanceof byte[] raw
                                    ? raw
                                    : value.toString().getBytes(StandardCharsets.UTF_8);
            digest.update(length.putInt(0, value == null ? -1 : bytes.length).array());
            digest.update(bytes);
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
