package io.onevault.demo.workload;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of a business key's UTF-8 bytes, as {@code populate.sql} computes it. */
final class HashKeys {

    private HashKeys() {}

    static byte[] of(String businessKey) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(businessKey.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
