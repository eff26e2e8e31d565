/** Prediction intervals calibrated on the forecaster's own past errors. */
@NullMarked
package io.onevault.forecasting.interval;

import org.jspecify.annotations.NullMarked;
