/** The machine the collector runs on, read with OSHI. */
@NullMarked
package io.onevault.connectors.polling.host;

import org.jspecify.annotations.NullMarked;
