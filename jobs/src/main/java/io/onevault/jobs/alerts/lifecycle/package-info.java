/**
 * From values of a series and a rule to one alert: when it begins, is told, is silenced and ends.
 * Knows no Flink; time is what the values carry.
 */
@NullMarked
package io.onevault.jobs.alerts.lifecycle;

import org.jspecify.annotations.NullMarked;
