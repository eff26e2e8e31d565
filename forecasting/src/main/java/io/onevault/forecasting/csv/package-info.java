/** Forecasts from a CSV file to a CSV file. */
@NullMarked
package io.onevault.forecasting.csv;

import org.jspecify.annotations.NullMarked;
