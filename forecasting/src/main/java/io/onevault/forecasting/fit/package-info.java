/** Estimators the models share; iterative, bounded, and without exceptions on odd data. */
@NullMarked
package io.onevault.forecasting.fit;

import org.jspecify.annotations.NullMarked;
