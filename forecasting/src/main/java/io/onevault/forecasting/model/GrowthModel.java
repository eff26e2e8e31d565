package io.onevault.forecasting.model;

import java.util.function.IntFunction;

/**
 * A model bound to one series, ready to forecast from any origin.
 *
 * <p>A forecast from origin {@code t} uses only the first {@code t} values, as it would have then;
 * only settings such as a smoothing weight or the size that counts as a jump come from the whole
 * series. Values and forecasts share the caller's unit. Never throws on data; a model that cannot
 * say anything at an origin returns a path of NaN there and is not used.
 */
public interface GrowthModel {

    ModelFamily family();

    /** Short name that tells variants of a family apart. */
    String name();

    /** Forecast from the first {@code origin} values; {@code origin} is at least 1. */
    Path from(int origin);

    /** A model from a function, for the many that are one formula. */
    static GrowthModel of(ModelFamily family, String name, IntFunction<Path> f) {
        return new GrowthModel() {
            @Override
            public ModelFamily family() {
                return family;
            }

            @Override
            public String name() {
                return name;
            }

            @Override
            public Path from(int origin) {
                return f.apply(origin);
            }
        };
    }
}
