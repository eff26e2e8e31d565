/**
 * Whose a row is and how large: plain logic without Flink. A row change becomes a row event, that a
 * change of an owner's rows, that a change of a tenant's rows, that a state of a resource.
 */
@NullMarked
package io.onevault.jobs.capacity.attribution;

import org.jspecify.annotations.NullMarked;
