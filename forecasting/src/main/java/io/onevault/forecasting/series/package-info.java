/** Observations on a regular grid: cleaning, gaps, quality and seasons. */
@NullMarked
package io.onevault.forecasting.series;

import org.jspecify.annotations.NullMarked;
