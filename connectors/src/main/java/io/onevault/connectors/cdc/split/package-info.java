/** The position of a change source in a checkpoint. */
@NullMarked
package io.onevault.connectors.cdc.split;

import org.jspecify.annotations.NullMarked;
