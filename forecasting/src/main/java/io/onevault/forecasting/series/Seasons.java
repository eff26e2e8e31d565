package io.onevault.forecasting.series;

/**
 * Season lengths in steps; 1 means none. A secondary season is a multiple of the primary one (the
 * week over the day).
 */
public record Seasons(int primary, int secondary) {

    public static final Seasons NONE = new Seasons(1, 1);

    public boolean any() {
        return primary > 1;
    }
}
