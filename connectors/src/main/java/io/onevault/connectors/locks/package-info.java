/**
 * Looks at a server's lock table: a cheap question whether anybody waits, and the full look.
 * Neither locks anything of the user's.
 */
@NullMarked
package io.onevault.connectors.locks;

import org.jspecify.annotations.NullMarked;
