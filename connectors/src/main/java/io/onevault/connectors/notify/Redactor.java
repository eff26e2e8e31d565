package io.onevault.connectors.notify;

import io.onevault.connectors.secret.Secret;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Makes what a receiver said fit to be kept: one bounded line, in which the secrets that we sent it
 * are masked, for a receiver may repeat them: as they are, or in base64, alone or with what we sent
 * before and after them, as HTTP's {@code Basic} and SMTP's {@code AUTH} do.
 *
 * <p>Source: RFC 4648, 4 and 5; RFC 4616, 2; RFC 7617, 2.
 */
final class Redactor {

    private static final String MASK = "******";
    private static final int LONGEST = 255;

    /** What is shorter is a word that texts have, not a token. */
    private static final int SHORTEST_PART = 8;

    /** What is shorter may be in any base64. */
    private static final int SHORTEST_CORE = 4;

    private static final int BITS_OF_DIGIT = 6;

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
        for (Secret secret : secrets) {
            byte[] bytes = secret.reveal().getBytes(StandardCharsets.UTF_8);
            for (int before = 0; before < 3; before++) {
                masked = withoutBase64(masked, core(bytes, before));
            }
        }
        return PlainText.line(masked, LONGEST);
    }

    /**
     * The digits of a text's base64 that are the secret's alone, when {@code before} bytes beside
     * whole groups of three come before it.
     */
    private static String core(byte[] secret, int before) {
        byte[] behind = new byte[before + secret.length];
        System.arraycopy(secret, 0, behind, before, secret.length);
        String digits = standard(Base64.getEncoder().withoutPadding().encodeToString(behind));
        int from = (Byte.SIZE * before + BITS_OF_DIGIT - 1) / BITS_OF_DIGIT;
        int to = Byte.SIZE * behind.length / BITS_OF_DIGIT;
        return from < to ? digits.substring(from, to) : "";
    }

    /** Masks every run of base64 that {@code core} is in, for its other digits hold the rest. */
    private static String withoutBase64(String said, String core) {
        String digits = standard(said);
        int found = core.length() < SHORTEST_CORE ? -1 : digits.indexOf(core);
        if (found < 0) {
            return said;
        }
        StringBuilder masked = new StringBuilder();
        int kept = 0;
        while (found >= 0) {
            int from = found;
            while (from > kept && isBase64(said.charAt(from - 1))) {
                from--;
            }
            int to = found + core.length();
            while (to < said.length() && isBase64(said.charAt(to))) {
                to++;
            }
            masked.append(said, kept, from).append(MASK);
            kept = to;
            found = digits.indexOf(core, to);
        }
        return masked.append(said, kept, said.length()).toString();
    }

    /** The alphabet for addresses is another way to write the usual one. */
    private static String standard(String digits) {
        return digits.replace('-', '+').replace('_', '/');
    }

    private static boolean isBase64(char c) {
        return c >= 'A' && c <= 'Z'
                || c >= 'a' && c <= 'z'
                || c >= '0' && c <= '9'
                || "+/-_=".indexOf(c) >= 0;
    }
}
