/** What other capabilities find, as values that rules judge. */
@NullMarked
package io.onevault.jobs.alerts.findings;

import org.jspecify.annotations.NullMarked;
