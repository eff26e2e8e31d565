package io.onevault.connectors.vault;

import java.io.Serializable;

/** Turns a finding into its row. Pure: the same finding always gives the same row. */
@FunctionalInterface
public interface VaultRowMapper<T> extends Serializable {

    VaultRow map(T finding);
}
