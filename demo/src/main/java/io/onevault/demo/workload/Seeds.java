package io.onevault.demo.workload;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.SplittableRandom;

/**
 * Derives everything that looks random from the workload's one seed. A step has a generator of its
 * own, so that what a client does next does not depend on how its earlier steps ended.
 */
final class Seeds {

    private Seeds() {}

    /** The generator of step {@code step} of the client named {@code client}. */
    static SplittableRandom step(long seed, String client, long step) {
        return new SplittableRandom(
                ByteBuffer.wrap(HashKeys.of(seed + "/" + client + "/" + step)).getLong());
    }

    /** The password of login role {@code role}; good enough for a throw-away server. */
    static String password(long seed, String role) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(HashKeys.of(seed + "/password/" + role))
                .substring(0, 24);
    }
}
