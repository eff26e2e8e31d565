package io.onevault.connectors.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class HashKeyTest {

    @Test
    void tenantIsNamedByItsBusinessKeyOrByItsHash() {
        String hash = HexFormat.of().formatHex(HashKey.of("acme"));
        assertThat(HashKey.ofTenant("acme")).isEqualTo(HashKey.of("acme"));
        assertThat(HashKey.ofTenant("\\x" + hash)).isEqualTo(HashKey.of("acme"));
    }

    @Test
    void whatOnlyLooksLikeAHashIsABusinessKey() {
        assertThat(HashKey.ofTenant("\\x01")).isEqualTo(HashKey.of("\\x01"));
        String upper = "\\x" + "A".repeat(64);
        assertThat(HashKey.ofTenant(upper)).isEqualTo(HashKey.of(upper));
    }
}
