/**
 * What people write in the vault about alerting, made safe to obey: rows to rules, their
 * validation, which version of which rule is in force, and which rules a series has. Knows no
 * Flink.
 */
@NullMarked
package io.onevault.jobs.alerts.rules;

import org.jspecify.annotations.NullMarked;
