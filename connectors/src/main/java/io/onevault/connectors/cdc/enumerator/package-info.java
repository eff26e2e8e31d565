/** Gives the one split of a change source to one reader. */
@NullMarked
package io.onevault.connectors.cdc.enumerator;

import org.jspecify.annotations.NullMarked;
