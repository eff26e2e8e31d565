package io.onevault.connectors.vault;

import java.io.Serializable;
import java.util.List;

/**
 * A link between the hub of a {@link VaultTable}, whose rows name it, and another hub of the same
 * schema.
 *
 * @param table of the link, e.g. {@code lock_blocking_l}
 * @param key prefix of its key column: {@code lock_blocking} for {@code lock_blocking_hk}
 * @param otherHub table of the other hub, e.g. {@code blocking_session_h}
 * @param otherKey prefix of that hub's key columns
 * @param otherFirst whether the other hub's column stands before that of the rows' own; the link's
 *     hash key is made of the business keys in the columns' order
 */
public record VaultLink(
        String table, String key, String otherHub, String otherKey, boolean otherFirst)
        implements Serializable {

    /** The hash key of the link between a row's hub and {@code other}. */
    byte[] hashKey(String own, String other) {
        return HashKey.ofLink(otherFirst ? List.of(other, own) : List.of(own, other));
    }
}
