/**
 * What a forecast is made of and how it is scored: histories of resources, the call of the library,
 * past forecasts. Plain Java; the operators around it are one package up.
 */
@NullMarked
package io.onevault.jobs.capacity.forecast;

import org.jspecify.annotations.NullMarked;
