/** What resources hold and how they grow: rows and bytes of each tenant, from row changes. */
@NullMarked
package io.onevault.jobs.capacity;

import org.jspecify.annotations.NullMarked;
