/**
 * Growth forecasting that is measured against reality; start at {@link
 * io.onevault.forecasting.Forecaster}.
 */
@NullMarked
package io.onevault.forecasting;

import org.jspecify.annotations.NullMarked;
