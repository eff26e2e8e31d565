/** Which models are believed and how much; which pattern a series shows. */
@NullMarked
package io.onevault.forecasting.select;

import org.jspecify.annotations.NullMarked;
