/**
 * Writing to the Data Vault: idempotent, independent of order, without waiting for the vault.
 *
 * <p>A {@link io.onevault.connectors.vault.VaultTable} names a hub with its satellite and its
 * links, a {@link io.onevault.connectors.vault.VaultRow} is one version of one thing, {@link
 * io.onevault.connectors.vault.VaultWriter} applies a batch in one transaction and {@link
 * io.onevault.connectors.vault.VaultSink} brings a stream to it.
 */
@NullMarked
package io.onevault.connectors.vault;

import org.jspecify.annotations.NullMarked;
