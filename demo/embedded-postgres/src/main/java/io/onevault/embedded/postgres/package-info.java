/** A real PostgreSQL server, 14 to 18, run from binaries on the class path. */
@NullMarked
package io.onevault.embedded.postgres;

import org.jspecify.annotations.NullMarked;
