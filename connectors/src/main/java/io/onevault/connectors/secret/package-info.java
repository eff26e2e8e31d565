/** Values that must not be seen. */
@NullMarked
package io.onevault.connectors.secret;

import org.jspecify.annotations.NullMarked;
