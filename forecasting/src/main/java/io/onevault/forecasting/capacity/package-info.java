/** From a forecast to a decision: time to capacity, actions, connection scaling. */
@NullMarked
package io.onevault.forecasting.capacity;

import org.jspecify.annotations.NullMarked;
