/** Rolling-origin evaluation: every model forecasts the past, as it would have then. */
@NullMarked
package io.onevault.forecasting.backtest;

import org.jspecify.annotations.NullMarked;
