/** Rules from the vault to the running job. */
@NullMarked
package io.onevault.jobs.alerts;

import org.jspecify.annotations.NullMarked;
