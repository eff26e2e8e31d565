/** What the vault remembers, read back once when a job begins. */
@NullMarked
package io.onevault.connectors.history;

import org.jspecify.annotations.NullMarked;
