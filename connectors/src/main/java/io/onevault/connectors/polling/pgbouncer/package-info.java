/** What PgBouncer's admin console answers, and what it means. */
@NullMarked
package io.onevault.connectors.polling.pgbouncer;

import org.jspecify.annotations.NullMarked;
