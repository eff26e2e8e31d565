package io.onevault.forecasting.select;

import io.onevault.forecasting.model.ModelFamily;

/**
 * How one model did in the backtest.
 *
 * @param family kind of model
 * @param name variant
 * @param relativeError error relative to the field (naive, drift, Theta); below 1 is better than
 *     they are
 * @param meanAbsoluteError mean absolute error in the series' unit
 * @param weight share in the combination that is forecast with
 */
public record ModelScore(
        ModelFamily family,
        String name,
        double relativeError,
        double meanAbsoluteError,
        double weight) {}
