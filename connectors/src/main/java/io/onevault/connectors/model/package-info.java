/**
 * The records that travel between capabilities: what was observed, with its units.
 *
 * <p>They are the contract of the project. Each is a POJO to Flink, so a field may be added in a
 * later version and an older savepoint still restores.
 */
@NullMarked
package io.onevault.connectors.model;

import org.jspecify.annotations.NullMarked;
