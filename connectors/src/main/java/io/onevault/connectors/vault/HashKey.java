package io.onevault.connectors.vault;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Hash keys and hash differences of the vault: SHA-256, as {@code util.hash_binary} computes it in
 * SQL from the same text.
 */
public final class HashKey {

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final Pattern HASH = Pattern.compile("\\\\x[0-9a-f]{64}");

    private HashKey() {}

    /** The hash key of a business key: SHA-256 of its UTF-8 bytes, 32 bytes. */
    public static byte[] of(String businessKey) {
        return sha256().digest(businessKey.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The hash key of a link: that of its hubs' business keys, joined by bars, with a backslash
     * before each bar and backslash of their own; as {@code util.hash_link} computes it in SQL.
     */
    public static byte[] ofLink(List<String> businessKeys) {
        return of(
                businessKeys.stream()
                        .map(key -> key.replace("\\", "\\\\").replace("|", "\\|"))
                        .collect(Collectors.joining("|")));
    }

    /** The hash key of a tenant that {@link VaultRow#tenant} names. */
    static byte[] ofTenant(String tenant) {
        return HASH.matcher(tenant).matches()
                ? HexFormat.of().parseHex(tenant, 2, tenant.length())
                : of(tenant);
    }

    /**
     * The hash difference of a payload, 32 bytes. Every value goes in with its length, so that no
     * two payloads share a text; numbers go in as their bits, for their decimal text costs more
     * than the hash.
     */
    static byte[] difference(List<@Nullable Object> payload) {
        ByteArrayOutputStream text = new ByteArrayOutputStream(512);
        byte[] number = new byte[Integer.BYTES + Long.BYTES];
        for (Object value : payload) {
            if (value == null) {
                INT.set(number, 0, -1);
                text.write(number, 0, Integer.BYTES);
            } else if (value instanceof Double || value instanceof Long) {
                INT.set(number, 0, Long.BYTES);
                LONG.set(
                        number,
                        Integer.BYTES,
                        value instanceof Double real
                                ? Double.doubleToLongBits(real)
                                : (Long) value);
                text.write(number, 0, number.length);
            } else {
                byte[] bytes =
                        value instanceof byte[] raw
                                ? raw
                                : value.toString().getBytes(StandardCharsets.UTF_8);
                INT.set(number, 0, bytes.length);
                text.write(number, 0, Integer.BYTES);
                text.write(bytes, 0, bytes.length);
            }
        }
        return sha256().digest(text.toByteArray());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
