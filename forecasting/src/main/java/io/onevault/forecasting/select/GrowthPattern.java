package io.onevault.forecasting.select;

/** What a history looks like; independent of the model that forecasts it best. */
public enum GrowthPattern {
    /** Too little data to say. */
    UNKNOWN,
    /** No trend worth acting on. */
    STABLE,
    /** Grows by about the same amount per step. */
    LINEAR,
    /** Grows by about the same share per step. */
    EXPONENTIAL,
    /** Repeats with a season, and the season outweighs the trend. */
    SEASONAL,
    /** Ramps that collapse again and again. */
    SAWTOOTH,
    /** Moves in a few large jumps. */
    STEP,
    /** Shrinks. */
    DECLINING,
    /** Grows into a limit. */
    SATURATING,
    /** Zero most of the time. */
    INTERMITTENT
}
