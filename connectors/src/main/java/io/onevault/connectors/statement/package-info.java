/** Statement texts without their literals. */
@NullMarked
package io.onevault.connectors.statement;

import org.jspecify.annotations.NullMarked;
