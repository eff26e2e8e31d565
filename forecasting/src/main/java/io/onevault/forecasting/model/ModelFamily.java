package io.onevault.forecasting.model;

/** Kinds of model, simplest first; of two equally good ones the simpler is chosen. */
public enum ModelFamily {
    FLAT,
    LINEAR,
    NAIVE,
    SEASONAL_NAIVE,
    DRIFT,
    EXPONENTIAL,
    ROBUST_TREND,
    RECENT_TREND,
    TYPICAL_CHANGE,
    DAMPED_TREND,
    THETA,
    INTERMITTENT,
    LEVEL_SHIFT,
    SAWTOOTH,
    SATURATING,
    SEASONAL,
    COMBINATION
}
