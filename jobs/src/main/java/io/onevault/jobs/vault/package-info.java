/** Where each kind of finding stands in the vault: its hub, its satellite, its columns. */
@NullMarked
package io.onevault.jobs.vault;

import org.jspecify.annotations.NullMarked;
